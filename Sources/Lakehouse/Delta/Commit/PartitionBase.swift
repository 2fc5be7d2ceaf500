/// What a partition was when an attempt began: a publish replaces this, and nothing that came later.
struct PartitionBase: Hashable {
    /// The table's version; -1 where there was no table.
    let version: Int64
    /// A checksum of the files that the partition had.
    let digest: String

    init(version: Int64, files: [LiveFile]) {
        self.version = version
        digest = PartitionBase.digest(of: files)
    }

    init(version: Int64, digest: String) {
        self.version = version
        self.digest = digest
    }

    /// FNV-1a, 64 bit, over what the log knows the files by.
    static func digest(of files: [LiveFile]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for name in files.map({ $0.key.path + "\u{0}" + ($0.key.deletionVector ?? "") }).sorted() {
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}

/// What the entries since an attempt began have done to its partition.
enum PartitionChange: Hashable {
    /// Its rows are what they were, in other files.
    case rearranged
    /// Somebody wrote or removed rows.
    case rewritten

    /// Judges a partition whose files have changed by the actions of the entries in between.
    ///
    /// - Parameters:
    ///   - actions: Every action of these entries.
    ///   - column: The partition column.
    ///   - value: The partition.
    init(_ actions: [DeltaAction], column: DeltaField, value: PartitionValue) {
        func concerns(_ values: PartitionValues?) -> Bool {
            // A remove need not say where the file was: it may have been here.
            guard let values, let text = values[column.name] else { return true }
            let read = PartitionValue(text, type: column.type)
            return read == value || read.isUnusable
        }
        let rewrites = actions.contains { action in
            switch action {
            case .add(let added): added.dataChange && concerns(added.partitionValues)
            case .remove(let removed): removed.dataChange != false && concerns(removed.partitionValues)
            default: false
            }
        }
        self = rewrites ? .rewritten : .rearranged
    }
}

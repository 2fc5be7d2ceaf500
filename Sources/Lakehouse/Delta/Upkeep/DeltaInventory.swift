internal import Partitions

/// A file of ours in the table's folder.
struct FoundDataFile: Hashable {
    /// The path below the table's folder.
    let path: String
    let writer: Writer
    let size: Int64
    /// Milliseconds since 1970.
    let modified: Int64
}

/// What of a partition's data files nobody needs any more.
///
/// A file stays while it is part of the table, while the table keeps it for readers of older versions, and while it is
/// younger than that: an attempt of its own name may be about to commit it.
struct DeltaInventory {
    /// The live files' paths, canonical.
    let live: Set<String>
    let tombstones: Tombstones
    /// Attempts of which a name is left that says more: their files are cleared with that.
    let unsettled: Set<Writer>
    /// Milliseconds since 1970: what was removed or written later stays; everything where it is nil.
    let expiry: Int64?
    /// The table's folder.
    let root: String

    /// Whether a file may go.
    func isGarbage(_ file: FoundDataFile) -> Bool {
        guard let expiry, !unsettled.contains(file.writer), file.modified < expiry else { return false }
        let spellings = [file.path, root + "/" + file.path]
        guard live.isDisjoint(with: spellings) else { return false }
        return spellings.allSatisfy { spelling in
            guard let removal = tombstones.removal(of: spelling) else { return true }
            return removal.map { $0 < expiry } ?? false
        }
    }

    /// The garbage by the attempts that wrote it, in the order of their fences.
    func garbage(_ files: [FoundDataFile]) -> [(writer: Writer, files: [FoundDataFile])] {
        Dictionary(grouping: files.filter(isGarbage), by: \.writer)
            .map { (writer: $0, files: $1.sorted { $0.path < $1.path }) }.sorted { $0.writer.fence < $1.writer.fence }
    }
}

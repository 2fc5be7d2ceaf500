/// A data file that is part of the table, as far as a writer must know it.
struct LiveFile: Hashable {
    /// The path as the log spells it, for the `remove`.
    let path: String
    let partitionValues: PartitionValues
    let size: Int64
    let deletionVector: DeletionVector?
    /// The rows that the file was written with; nil where the log's reader did not look.
    let rows: Int64?
    /// How many files were published together; nil where they are not ours.
    let publishedFiles: Int?

    /// What the log knows the file by.
    var key: FileKey { FileKey(path: path, deletionVector: deletionVector) }
}

/// The data files of a table, by the value of one partition column.
struct LiveFiles: Sendable {
    /// The partition column by which files are found.
    private(set) var column: DeltaField?
    private var files: [FileKey: LiveFile] = [:]
    private var byValue: [PartitionValue: Set<FileKey>] = [:]
    /// Files of which cannot be told where they belong.
    private(set) var unusable = 0
    /// The size of all files together.
    private(set) var bytes: Int64 = 0
    /// Most files share their values with others: one dictionary for all of them.
    private var sharedValues: Set<PartitionValues> = []

    /// How many files there are.
    var count: Int { files.count }

    /// Every file.
    var all: some Collection<LiveFile> { files.values }

    /// Every value of the column that has files.
    var values: some Collection<PartitionValue> { byValue.keys }

    /// The files whose column has a value.
    func files(of value: PartitionValue) -> [LiveFile] {
        (byValue[value] ?? []).compactMap { files[$0] }
    }

    /// Makes a file part of the table; it takes the place of the same file as it was.
    mutating func insert(_ file: LiveFile) {
        let key = file.key
        if let earlier = files[key] {
            unindex(earlier, key)
            bytes -= earlier.size
        }
        bytes += file.size
        let values = sharedValues.insert(file.partitionValues).memberAfterInsert
        files[key] = LiveFile(
            path: file.path, partitionValues: values, size: file.size, deletionVector: file.deletionVector,
            rows: file.rows, publishedFiles: file.publishedFiles)
        let value = value(of: file)
        byValue[value, default: []].insert(key)
        if value.isUnusable { unusable += 1 }
    }

    /// Takes a file out of the table; nothing where it is in it no more.
    mutating func remove(_ key: FileKey) {
        guard let file = files.removeValue(forKey: key) else { return }
        unindex(file, key)
        bytes -= file.size
    }

    /// Finds files by another column from now on.
    mutating func index(by column: DeltaField?) {
        guard column != self.column else { return }
        self.column = column
        byValue = Dictionary(grouping: files.keys) { [files] key in
            files[key].map { LiveFiles.value(of: $0, column) } ?? .missing
        }.mapValues(Set.init)
        unusable = byValue.reduce(0) { $0 + ($1.key.isUnusable ? $1.value.count : 0) }
    }

    private mutating func unindex(_ file: LiveFile, _ key: FileKey) {
        let value = value(of: file)
        if byValue[value]?.remove(key) != nil, value.isUnusable { unusable -= 1 }
        if byValue[value]?.isEmpty == true { byValue[value] = nil }
    }

    private func value(of file: LiveFile) -> PartitionValue { LiveFiles.value(of: file, column) }

    private static func value(of file: LiveFile, _ column: DeltaField?) -> PartitionValue {
        guard let column else { return .null }
        guard let text = file.partitionValues[column.name] else { return .missing }
        return PartitionValue(text, type: column.type)
    }
}

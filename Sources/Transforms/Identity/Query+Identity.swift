internal import Glibc
public import Partitions

extension Query {
    /// The identity of the files that the query reads for a partition: names, sizes and times, or a table's list of files.
    ///
    /// Where only the engine can tell the files of a source, because they are remote, below a `**`, or of a table with mapped
    /// columns, that source is left out: it never makes anything stale. What a statement reads by itself, with a path in its text, is not seen.
    ///
    /// This call blocks, for one look at each file.
    ///
    /// - Parameters:
    ///   - key: The partition.
    ///   - column: The partition column.
    ///   - tables: What the tables among the sources hold, by the sources' names; one that is not there is left out.
    /// - Returns: The identity; nil where nothing is known of any source.
    /// - Throws: `TransformError` where a path has an unknown field, or a folder cannot be listed.
    public func sourceIdentity(
        for key: PartitionKey, column: String, tables: [String: TableSnapshot] = [:]
    ) throws(TransformError) -> SourceIdentity? {
        var digest = IdentityDigest()
        var isKnown = false
        for source in sources.sorted(by: { $0.name < $1.name }) {
            let found: [(file: SourceFile, mark: String)]?
            if source.format == .delta {
                found = tables[source.name].flatMap { $0.namesItsFiles ? Source.marks(of: $0) : nil }
            } else {
                found = try source.marks(for: key, column: column)
            }
            guard let found else {
                digest.isWhole = false
                continue
            }
            digest.add(source, found)
            isKnown = true
        }
        return isKnown ? digest.identity : nil
    }
}

extension Source {
    /// The files of a partition, each with a text that changes when the file does; nil where only the engine can tell.
    fileprivate func marks(
        for key: PartitionKey, column: String
    ) throws(TransformError) -> [(file: SourceFile, mark: String)]? {
        let pattern = try pattern(for: key, column: column)
        guard let paths = try Source.files(matching: pattern) else { return nil }
        let root = fixedRoot
        var found: [(file: SourceFile, mark: String)] = []
        for path in paths {
            // A file that has gone since the folder was listed is not there.
            guard let file = try SourceFile(path: path) else { continue }
            // Without the folder that all partitions share: a project can be moved.
            let name = path.hasPrefix(root) ? path.dropFirst(root.count) : path[...]
            found.append((file, "\(name)\u{0}\(file.bytes ?? -1)\u{0}\(file.modified ?? -1)"))
        }
        return found
    }

    /// The files of a table's snapshot: their names never come again, so that no size or time is needed.
    ///
    /// The version does not count: it also moves with the days that others add.
    fileprivate static func marks(of snapshot: TableSnapshot) -> [(file: SourceFile, mark: String)] {
        let root = snapshot.path.hasSuffix("/") ? snapshot.path : snapshot.path + "/"
        return snapshot.files.map { file in
            let name = file.path.hasPrefix(root) ? file.path.dropFirst(root.count) : file.path[...]
            let values = file.values.map { $0.map { "=" + $0 } ?? "null" }.joined(separator: "\u{1}")
            let mark = "\(name)\u{0}\(file.deletionVector ?? "")\u{0}\(values)"
            return (SourceFile(path: file.path, bytes: file.bytes, modified: nil), mark)
        }
    }

    /// The folder before the first field or wildcard of the path, with its slash.
    private var fixedRoot: String {
        let fixed = path.prefix { !"%*?[".contains($0) }
        return fixed.lastIndex(of: "/").map { String(fixed[...$0]) } ?? ""
    }
}

extension SourceFile {
    /// Looks at a file; nil where there is none.
    fileprivate init?(path: String) throws(TransformError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw TransformError(
                .sourceMissing, "The file '\(path)' cannot be looked at: \(String(cString: strerror(errno))).")
        }
        self.path = path
        bytes = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
}

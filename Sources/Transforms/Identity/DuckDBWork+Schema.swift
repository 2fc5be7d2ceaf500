internal import DuckDBEngine
internal import Glibc
internal import Partitions

extension DuckDBWork {
    /// The columns of a source's first file of a partition, as text; nil where there is no file.
    func schemaSignature(
        of source: Source, key: PartitionKey, column: String, table: TableSnapshot?
    ) throws -> String? {
        if source.format == .delta {
            return table.map { $0.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ") }
        }
        let pattern = try source.pattern(for: key, column: column)
        if let files = try Source.files(matching: pattern) {
            guard let first = files.first else { return nil }
            if let header = try source.headerLine(ofFile: first) { return header }
            return try described(source, FileGlob.escaped(first), key: key, column: column)
        }
        return try described(source, pattern, key: key, column: column)
    }

    private func described(_ source: Source, _ file: String, key: PartitionKey, column: String) throws -> String {
        let relation = SourceRelation(source: source, files: [file])
        let sql =
            "SELECT column_name, column_type FROM (DESCRIBE WITH \(relation.definition(key: key, column: column)) "
            + "SELECT * FROM \(SQLLiteral.name(source.name)))"
        return try run(own: sql).rows.map { row in row.compactMap(\.text).joined(separator: " ") }
            .joined(separator: ", ")
    }
}

extension Source {
    /// A header takes no more than this of a file.
    private static let greatestHeader = 65_536

    /// The first line of a CSV file, which the engine would read twenty thousand lines to find; nil where there is none to
    /// be had so, because the file is compressed or its first line is data.
    ///
    /// This call blocks.
    fileprivate func headerLine(ofFile path: String) throws(TransformError) -> String? {
        guard format == .csv, options["header"] != .bool(false), options["skip"] == nil, options["columns"] == nil,
            options["names"] == nil, !path.hasSuffix(".gz"), !path.hasSuffix(".zst")
        else { return nil }
        guard let file = fopen(path, "re") else {
            throw TransformError(
                .sourceMissing, "The file '\(path)' cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Source.greatestHeader)
        let count = fread(&bytes, 1, bytes.count, file)
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        // A byte-order mark and a carriage return are no columns.
        let content = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
        return String(decoding: content.last == UInt8(ascii: "\r") ? content.dropLast() : content, as: UTF8.self)
    }
}

/// Counts the rows of Parquet files by their footers alone, whoever wrote them.
package enum ParquetRows {
    /// The number of rows in a file; nil where its footer is not understood, or of a size at which to read it is work.
    ///
    /// This call blocks.
    ///
    /// - Throws: `TableError` where the file cannot be read.
    package static func count(of path: String) throws -> Int64? {
        let bytes = try reporting("read the footer of \(path)") { try PlainFooter.bytes(of: path) }
        guard let bytes else { return nil }
        var reader = ThriftReader(bytes)
        return try? rows(&reader)
    }

    /// The third field of FileMetaData in parquet.thrift; the row groups behind it are only gone past.
    private static func rows(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) -> Int64? {
        var rows: Int64?
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            guard id == 3 else { return false }
            rows = try reader.integer()
            return true
        }
        return rows.flatMap { $0 >= 0 ? $0 : nil }
    }
}

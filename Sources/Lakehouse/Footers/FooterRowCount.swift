/// How many rows Parquet files have, as their footers say it, whoever wrote them.
///
/// The number stands before everything that is told of row groups, so that a footer is read no further.
package enum FooterRowCount {
    /// Counts the rows of a file; nil where its footer is encrypted, or is not understood.
    ///
    /// This call blocks.
    ///
    /// - Throws: `TableError` where the file cannot be opened.
    package static func rows(ofFile path: String) throws -> Int64? {
        let bytes = try reporting("read the footer of \(path)") { try PlainFooter.bytes(of: path) }
        return bytes.flatMap(rows)
    }

    /// `num_rows` of FileMetaData in parquet.thrift.
    static func rows(in footer: [UInt8]) -> Int64? {
        var reader = ThriftReader(footer)
        guard let kind = try? reader.goTo(field: 3), kind == .long, let rows = try? reader.integer(), rows >= 0 else {
            return nil
        }
        return rows
    }
}

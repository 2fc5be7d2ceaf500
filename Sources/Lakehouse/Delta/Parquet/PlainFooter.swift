internal import Glibc

/// Reads the footers of plain files that DuckDB wrote, many times faster than DuckDB tells what is in them.
///
/// Whatever is not known here (nested columns, other writers, other types) makes it nil, and DuckDB is asked.
enum PlainFooter {
    private typealias Malformed = ThriftReader.Malformed

    /// Footers of more bytes are of files whose footers are the least of their cost.
    private static let largest = 4 << 20

    /// Reads the footer of a file; nil where DuckDB must be asked.
    static func footer(of path: String) throws(SystemCallError) -> ParquetFooter? {
        guard let bytes = try bytes(of: path) else { return nil }
        do throws(Malformed) {
            var reader = ThriftReader(bytes)
            return try footer(&reader)
        } catch {
            return nil
        }
    }

    /// The footer lies before its length and the four letters at the end ("File Format").
    static func bytes(of path: String) throws(SystemCallError) -> [UInt8]? {
        let descriptor = try FileSystem.check("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var status = stat()
        try FileSystem.check("fstat", path) { fstat(descriptor, &status) }
        let size = Int(status.st_size)
        guard size >= 12, let tail = try read(descriptor, 8, at: size - 8, path),
            tail[4...] == [0x50, 0x41, 0x52, 0x31]
        else { return nil }
        let length = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= min(size - 12, largest) else { return nil }
        return try read(descriptor, length, at: size - 8 - length, path)
    }

    private static func read(
        _ descriptor: Int32, _ count: Int, at offset: Int, _ path: String
    ) throws(SystemCallError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try FileSystem.check("pread", path) { Int32(pread(descriptor, &bytes, count, off_t(offset))) }
        return Int(found) == count ? bytes : nil
    }

    private static func footer(_ reader: inout ThriftReader) throws(Malformed) -> ParquetFooter? {
        let contents = try FooterContents(&reader)
        // The first element is the root. Where it has as many children as there are others, no column is nested.
        guard let root = contents.elements.first, root.children == contents.elements.count - 1, contents.isByDuckDB
        else { return nil }
        return footer(Array(contents.elements.dropFirst()), contents.rows, contents.groups)
    }

    private static func footer(_ columns: [PlainColumn], _ rows: Int64, _ groups: [[ChunkBytes]]) -> ParquetFooter? {
        var fields: [DeltaField] = []
        for column in columns {
            guard let type = column.deltaType else { return nil }
            fields.append(DeltaField(name: column.name, type: .primitive(type)))
        }
        var chunks: [ColumnChunk] = []
        for group in groups {
            guard group.count == columns.count else { return nil }
            for (column, bytes) in zip(columns, group) {
                guard let chunk = column.chunk(bytes) else { return nil }
                chunks.append(chunk)
            }
        }
        return ParquetFooter(schema: DeltaSchema(fields: fields), rows: rows, chunks: chunks)
    }
}

/// FileMetaData in parquet.thrift, as far as it matters here.
struct FooterContents {
    /// The schema as a tree, each element before those within it.
    private(set) var elements: [PlainColumn] = []
    /// The columns of each row group, which are the leaves of the tree.
    private(set) var groups: [[ChunkBytes]] = []
    private(set) var rows: Int64 = 0
    private var writer = ""

    var isByDuckDB: Bool { writer.hasPrefix("DuckDB") }

    /// Reads a footer; schema, rows and writer stand beside the row groups.
    init(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            switch id {
            case 2:
                try reader.list { (reader) throws(ThriftReader.Malformed) in elements.append(try PlainColumn(&reader)) }
            case 3: rows = try reader.integer()
            case 4:
                try reader.list { (reader) throws(ThriftReader.Malformed) in
                    var chunks: [ChunkBytes] = []
                    try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
                        guard id == 1 else { return false }
                        try reader.list { (reader) throws(ThriftReader.Malformed) in
                            chunks.append(try ChunkBytes(&reader))
                        }
                        return true
                    }
                    groups.append(chunks)
                }
            case 6: writer = try reader.text()
            default: return false
            }
            return true
        }
    }
}

/// What a row group says of one column, as it stands in the footer.
struct ChunkBytes {
    private(set) var values: Int64 = 0
    private(set) var nulls: Int64?
    private(set) var minimum: ArraySlice<UInt8>?
    private(set) var maximum: ArraySlice<UInt8>?
    private(set) var isMinimumExact = true
    private(set) var isMaximumExact = true

    var isExact: Bool { isMinimumExact && isMaximumExact }

    /// Reads a ColumnChunk and the ColumnMetaData and Statistics within.
    init(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            guard id == 3 else { return false }
            try readMetadata(&reader)
            return true
        }
    }

    private mutating func readMetadata(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            switch id {
            case 5: values = try reader.integer()
            case 12: try readStatistics(&reader)
            default: return false
            }
            return true
        }
    }

    /// Only `min_value` and `max_value`: the older `min` and `max` have no order that could be relied on.
    private mutating func readStatistics(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, kind) throws(ThriftReader.Malformed) in
            switch id {
            case 3: nulls = try reader.integer()
            case 5: maximum = try reader.binary()
            case 6: minimum = try reader.binary()
            case 7, 8:
                if kind == .isFalse, id == 7 { isMaximumExact = false }
                if kind == .isFalse, id == 8 { isMinimumExact = false }
                return false
            default: return false
            }
            return true
        }
    }
}

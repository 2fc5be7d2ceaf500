/// Writes a Parquet file of plain values, compressed by Snappy, one page a leaf and row group.
struct LeafWriter {
    /// An element of the file's schema: a leaf, or something with fields.
    struct Element {
        let name: String
        let repetition: LeafShape.Repetition
        var physical: LeafShape.Physical?
        /// What the bytes or the fields stand for, by its number in the format (`ConvertedType`).
        var meaning: Int?
        var children = 0
    }

    private struct Group {
        let rows: Int
        let chunks: [(shape: LeafShape, entries: Int, start: Int, length: Int, uncompressed: Int)]
    }

    private let schema: [Element]
    private var groups: [Group] = []
    /// What has been written and not been taken away.
    private var bytes: [UInt8] = Array("PAR1".utf8)
    /// How much was taken away.
    private var taken = 0

    /// Begins a file; every element of the schema stands before its children.
    init(schema: [Element]) {
        self.schema = schema
    }

    /// Adds rows.
    mutating func append(_ columns: [LeafColumn], rows: Int) {
        var chunks: [(shape: LeafShape, entries: Int, start: Int, length: Int, uncompressed: Int)] = []
        for column in columns {
            let page = LeafWriter.page(of: column)
            let compressed = Snappy.compressed(page)
            var head = ThriftWriter()
            head.field(1, 0)
            head.field(2, page.count)
            head.field(3, compressed.count)
            head.structure(5) { head in
                head.field(1, column.definitions.count)
                head.field(2, 0)
                head.field(3, 3)
                head.field(4, 3)
            }
            head.end()
            let start = taken + bytes.count
            bytes += head.bytes
            bytes += compressed
            chunks.append(
                (
                    column.shape, column.definitions.count, start, head.bytes.count + compressed.count,
                    head.bytes.count + page.count
                ))
        }
        groups.append(Group(rows: rows, chunks: chunks))
    }

    /// Hands out what has been written since the last time.
    mutating func take() -> [UInt8] {
        defer {
            taken += bytes.count
            bytes = []
        }
        return bytes
    }

    /// Ends the file and hands out the rest of it.
    mutating func finish() -> [UInt8] {
        var footer = ThriftWriter()
        footer.field(1, 1)
        footer.list(2, schema) { $0.element($1) }
        footer.wide(3, groups.reduce(0) { $0 + $1.rows })
        footer.list(4, groups) { writer, group in
            writer.list(1, group.chunks) { writer, chunk in
                writer.wide(2, chunk.start)
                writer.structure(3) { writer in
                    writer.field(1, chunk.shape.physical.rawValue)
                    writer.list(2, [0, 3])
                    writer.list(3, chunk.shape.nodes.map(\.name))
                    writer.field(4, 1)
                    writer.wide(5, chunk.entries)
                    writer.wide(6, chunk.uncompressed)
                    writer.wide(7, chunk.length)
                    writer.wide(9, chunk.start)
                }
            }
            writer.wide(2, group.chunks.reduce(0) { $0 + $1.uncompressed })
            writer.wide(3, group.rows)
        }
        footer.field(6, "reprocess version 1")
        footer.end()
        bytes += footer.bytes
        bytes.appendLittleEndian(Int64(footer.bytes.count), bytes: 4)
        bytes += "PAR1".utf8
        return take()
    }

    /// Levels and values of a page of version 1, before they are compressed.
    private static func page(of column: LeafColumn) -> [UInt8] {
        var page: [UInt8] = []
        page.reserveCapacity(column.bytes.count + 4 * column.ends.count + 8 * column.numbers.count + 64)
        for levels in [column.repetitions, column.definitions] where !levels.isEmpty {
            let encoded = Levels.encoded(levels)
            page.appendLittleEndian(Int64(encoded.count), bytes: 4)
            page += encoded
        }
        switch column.shape.physical {
        case .boolean:
            for start in stride(from: 0, to: column.numbers.count, by: 8) {
                let end = min(start + 8, column.numbers.count)
                page.append(column.numbers[start..<end].reversed().reduce(0) { $0 << 1 | UInt8($1) })
            }
        case .int32: for number in column.numbers { page.appendLittleEndian(number, bytes: 4) }
        case .int64: for number in column.numbers { page.appendLittleEndian(number, bytes: 8) }
        case .bytes:
            var start = 0
            for end in column.ends {
                page.appendLittleEndian(Int64(end - start), bytes: 4)
                page += column.bytes[start..<end]
                start = end
            }
        }
        return page
    }
}

extension ThriftWriter {
    fileprivate mutating func element(_ element: LeafWriter.Element) {
        if let physical = element.physical { field(1, physical.rawValue) }
        field(3, element.repetition.rawValue)
        field(4, element.name)
        if element.children > 0 { field(5, element.children) }
        if let meaning = element.meaning { field(6, meaning) }
    }
}

internal import Glibc

/// A Parquet file, read leaf by leaf, as far as checkpoints of the usual writers need that.
///
/// Pages of version 1, as they are or compressed by Snappy, plain values or a dictionary. Whatever else a file has makes
/// it unsuitable, and DuckDB is asked.
struct LeafFile {
    /// What is there must be read by other means, or is damaged.
    struct Unsuitable: Error {}

    /// A leaf's values in one row group.
    struct Chunk {
        let physical: Int
        let codec: Int
        let entries: Int
        let length: Int
        let start: Int
        let dictionary: Int?
    }

    /// Files of more bytes are streamed by DuckDB instead: here a whole one is in memory.
    static let largest = 16 << 20

    /// Deeper than any checkpoint; in a damaged file levels must stay within their type.
    private static let deepest = 32

    let bytes: [UInt8]
    /// The leaves that can be read, by their paths.
    private(set) var leaves: [String: LeafShape] = [:]
    /// The paths of leaves of other types.
    private(set) var others: Set<String> = []
    /// The number of rows of each row group, and where its leaves are.
    private(set) var groups: [(rows: Int, chunks: [String: Chunk])] = []

    /// Reads a file with its footer; nil where there is none.
    init?(_ path: String) throws {
        guard let bytes = try LeafFile.contents(of: path) else { return nil }
        self.bytes = bytes
        guard bytes.count >= 12, bytes.suffix(4).elementsEqual("PAR1".utf8) else { throw Unsuitable() }
        let length = bytes[(bytes.count - 8)..<(bytes.count - 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - 12 else { throw Unsuitable() }
        do {
            try readFooter(at: bytes.count - 8 - length)
        } catch {
            throw Unsuitable()
        }
    }

    private static func contents(of path: String) throws -> [UInt8]? {
        guard let status = try FileSystem.status(of: path) else { return nil }
        let size = Int(status.size)
        guard size <= largest else { throw Unsuitable() }
        let descriptor = try FileSystem.check("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: size)
        let found = try FileSystem.check("pread", path) { Int32(pread(descriptor, &bytes, size, 0)) }
        guard Int(found) == size else { throw Unsuitable() }
        return bytes
    }

    private mutating func readFooter(at position: Int) throws {
        var reader = ThriftReader(bytes, at: position)
        // FileMetaData in parquet.thrift.
        let footer = try reader.fields()
        groups = try footer.structures(4).map { group in
            var chunks: [String: Chunk] = [:]
            for column in group.structures(1) {
                guard let metadata = column.structure(3) else { continue }
                chunks[metadata.texts(3).joined(separator: ".")] = Chunk(metadata)
            }
            guard let rows = group.integer(3), (0...LeafFile.largest).contains(rows) else { throw Unsuitable() }
            return (rows, chunks)
        }
        try nameLeaves(footer.structures(2))
    }

    /// Every element stands before its children.
    private mutating func nameLeaves(_ elements: [ThriftFields]) throws {
        var open: [(node: LeafShape.Node, left: Int)] = []
        for element in elements.dropFirst() {
            while let last = open.last, last.left == 0 { open.removeLast() }
            if !open.isEmpty { open[open.count - 1].left -= 1 }
            guard let repetition = LeafShape.Repetition(rawValue: element.integer(3) ?? 0),
                let name = element.text(4), open.count < LeafFile.deepest
            else { throw Unsuitable() }
            let node = LeafShape.Node(name: name, repetition: repetition)
            if let children = element.integer(5), children > 0 {
                open.append((node, children))
            } else if let physical = LeafShape.Physical(rawValue: element.integer(1) ?? -1) {
                let shape = LeafShape(nodes: open.map(\.node) + [node], physical: physical)
                leaves[shape.path] = shape
            } else {
                // Of a type that no field of the protocol has: statistics in their own types, for example.
                others.insert((open.map(\.node.name) + [name]).joined(separator: "."))
            }
        }
    }
}

extension LeafFile.Chunk {
    /// Reads a ColumnMetaData of parquet.thrift.
    fileprivate init(_ fields: ThriftFields) {
        physical = fields.integer(1) ?? -1
        codec = fields.integer(4) ?? -1
        entries = fields.integer(5) ?? 0
        length = fields.integer(7) ?? 0
        start = fields.integer(9) ?? 0
        dictionary = fields.integer(11)
    }
}

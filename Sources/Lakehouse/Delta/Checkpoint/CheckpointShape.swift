/// The columns of a checkpoint as the leaves of a Parquet schema.
struct CheckpointShape {
    /// A leaf with what has to be known to write rows of it.
    struct Leaf {
        let shape: LeafShape
        /// Of each struct around the leaf, the outermost first: the level at which it is there, and the leaf that tells.
        let owners: [(level: UInt8, identity: String)]
        /// Whether the leaf's field must not be null where the struct around it is there.
        let isRequired: Bool
    }

    private(set) var schema: [LeafWriter.Element]
    private(set) var leaves: [Leaf] = []

    static let standard = CheckpointShape(CheckpointColumn.all)

    /// The index of a leaf by its path.
    func index(of path: String) -> Int? { indices[path] }

    private var indices: [String: Int] = [:]

    private init(_ columns: [CheckpointColumn]) {
        schema = [LeafWriter.Element(name: "checkpoint", repetition: .required, children: columns.count)]
        for column in columns {
            add(column.name, .structure(identity: column.identity, column.fields), isRequired: false, [], [])
        }
        for (index, leaf) in leaves.enumerated() { indices[leaf.shape.path] = index }
    }

    private mutating func add(
        _ name: String, _ kind: CheckpointColumn.Kind, isRequired: Bool, _ parents: [LeafShape.Node],
        _ owners: [(level: UInt8, identity: String)]
    ) {
        let nodes = parents + [LeafShape.Node(name: name, repetition: .optional)]
        func leaf(_ nodes: [LeafShape.Node], _ physical: LeafShape.Physical, meaning: Int?) {
            let last = nodes[nodes.count - 1]
            schema.append(
                LeafWriter.Element(name: last.name, repetition: last.repetition, physical: physical, meaning: meaning))
            leaves.append(
                Leaf(shape: LeafShape(nodes: nodes, physical: physical), owners: owners, isRequired: isRequired))
        }
        func group(_ name: String, _ repetition: LeafShape.Repetition, meaning: Int?, _ children: Int) {
            schema.append(
                LeafWriter.Element(name: name, repetition: repetition, meaning: meaning, children: children))
        }
        switch kind {
        case .plain(CheckpointColumn.map):
            group(name, .optional, meaning: Meaning.map, 1)
            group("key_value", .repeated, meaning: nil, 2)
            let inner = nodes + [LeafShape.Node(name: "key_value", repetition: .repeated)]
            leaf(inner + [LeafShape.Node(name: "key", repetition: .required)], .bytes, meaning: Meaning.text)
            leaf(inner + [LeafShape.Node(name: "value", repetition: .optional)], .bytes, meaning: Meaning.text)
        case .plain("VARCHAR[]"):
            group(name, .optional, meaning: Meaning.list, 1)
            group("list", .repeated, meaning: nil, 1)
            let inner = nodes + [LeafShape.Node(name: "list", repetition: .repeated)]
            leaf(inner + [LeafShape.Node(name: "element", repetition: .optional)], .bytes, meaning: Meaning.text)
        case .plain("BOOLEAN"): leaf(nodes, .boolean, meaning: nil)
        case .plain("INTEGER"): leaf(nodes, .int32, meaning: nil)
        case .plain("BIGINT"): leaf(nodes, .int64, meaning: nil)
        case .plain: leaf(nodes, .bytes, meaning: Meaning.text)
        case .structure(let identity, let fields):
            group(name, .optional, meaning: nil, fields.count)
            let path = (nodes.map(\.name) + [identity]).joined(separator: ".")
            let level = UInt8(nodes.count)
            for field in fields {
                add(
                    field.name, field.kind, isRequired: field.fallback != nil, nodes,
                    owners + [(level: level, identity: path)])
            }
        }
    }

    /// What bytes and groups stand for (`ConvertedType` in parquet.thrift).
    private enum Meaning {
        static let text = 0
        static let map = 1
        static let list = 3
    }
}

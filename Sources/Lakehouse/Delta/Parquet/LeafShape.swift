/// A leaf of a Parquet schema: where it is, and what its values are.
struct LeafShape: Hashable {
    /// How often a node is there within its parent.
    enum Repetition: Int { case required, optional, repeated }

    /// The types of values that checkpoints have, by their numbers in the format.
    enum Physical: Int { case boolean = 0, int32 = 1, int64 = 2, bytes = 6 }

    /// A node on the way from the root to the leaf.
    struct Node: Hashable {
        let name: String
        let repetition: Repetition
    }

    let nodes: [Node]
    let physical: Physical

    /// The names of the nodes.
    var path: String { nodes.map(\.name).joined(separator: ".") }

    /// The level of a value that is there.
    var greatestDefinition: UInt8 { UInt8(nodes.count { $0.repetition != .required }) }

    /// How many of the nodes are lists.
    var greatestRepetition: UInt8 { UInt8(nodes.count { $0.repetition == .repeated }) }

    /// What each level of another file's leaf of the same path is here; nil where the two cannot be compared.
    ///
    /// Files differ in which fields they call required.
    func levels(from other: LeafShape) -> [UInt8]? {
        guard physical == other.physical, path == other.path,
            zip(nodes, other.nodes).allSatisfy({ ($0.repetition == .repeated) == ($1.repetition == .repeated) })
        else { return nil }
        return (0...Int(other.greatestDefinition)).map { level in
            var left = level
            let present = other.nodes.prefix { node in
                if node.repetition == .required { return true }
                left -= 1
                return left >= 0
            }
            return UInt8(nodes.prefix(present.count).count { $0.repetition != .required })
        }
    }
}

/// The values of one leaf in some rows.
struct LeafColumn {
    /// Where the entries and the values of a row are.
    struct Span {
        var entries: Range<Int>
        var values: Range<Int>
    }

    let shape: LeafShape
    let greatest: UInt8
    /// The level of each entry; one with the greatest has a value.
    var definitions: [UInt8] = []
    /// 0 for the first entry of a row; empty where every row has one entry.
    var repetitions: [UInt8] = []
    /// The values that are numbers, or true (1) and false (0).
    var numbers: [Int64] = []
    /// The values that are bytes, one behind the other.
    var bytes: [UInt8] = []
    /// Where each of these ends.
    var ends: [Int] = []

    init(_ shape: LeafShape) {
        self.shape = shape
        greatest = shape.greatestDefinition
    }

    /// Appends an entry without a value.
    mutating func append(level: UInt8) {
        definitions.append(level)
        if shape.greatestRepetition > 0 { repetitions.append(0) }
    }

    /// Appends an entry with a number.
    mutating func append(_ number: Int64) {
        append(level: greatest)
        numbers.append(number)
    }

    /// Appends an entry of bytes, the first one of its row or a later one; without a value where there are none.
    mutating func append(_ text: String?, elseLevel level: UInt8, isFirst: Bool = true) {
        definitions.append(text == nil ? level : greatest)
        if shape.greatestRepetition > 0 { repetitions.append(isFirst ? 0 : 1) }
        guard let text else { return }
        bytes += text.utf8
        ends.append(bytes.count)
    }

    /// Appends a row of another column of the same shape.
    mutating func append(_ span: Span, of other: LeafColumn) {
        definitions += other.definitions[span.entries]
        if shape.greatestRepetition > 0 { repetitions += other.repetitions[span.entries] }
        guard !span.values.isEmpty else { return }
        if shape.physical == .bytes {
            let start = other.start(of: span.values.lowerBound)
            let shift = bytes.count - start
            bytes += other.bytes[start..<other.ends[span.values.upperBound - 1]]
            for end in other.ends[span.values] { ends.append(end + shift) }
        } else {
            numbers += other.numbers[span.values]
        }
    }

    /// The bytes of a value, as text.
    func text(_ value: Int) -> String { String(decoding: bytes[start(of: value)..<ends[value]], as: UTF8.self) }

    private func start(of value: Int) -> Int { value == 0 ? 0 : ends[value - 1] }

    /// The row behind another one; nil behind the last.
    func span(after last: Span) -> Span? {
        let first = last.entries.upperBound
        guard first < definitions.count else { return nil }
        var end = first + 1
        if !repetitions.isEmpty { while end < repetitions.count, repetitions[end] > 0 { end += 1 } }
        var values = 0
        for entry in first..<end where definitions[entry] == greatest { values += 1 }
        return Span(
            entries: first..<end, values: last.values.upperBound..<last.values.upperBound + values)
    }
}

extension LeafColumn.Span {
    /// Before the first row.
    static let start = Self(entries: 0..<0, values: 0..<0)
}

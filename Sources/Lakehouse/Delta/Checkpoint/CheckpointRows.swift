/// Rows of a checkpoint in memory, leaf by leaf.
struct CheckpointRows {
    let shape = CheckpointShape.standard
    private(set) var columns: [LeafColumn]
    private(set) var count = 0

    /// Rows to which others are added.
    init() {
        columns = CheckpointShape.standard.leaves.map { LeafColumn($0.shape) }
    }

    /// Reads the rows of a row group; leaves that are not wanted are left empty.
    init(_ file: LeafFile, group: Int, where isWanted: (String) -> Bool = { _ in true }) throws(LeafFile.Unsuitable) {
        count = file.groups[group].rows
        columns = []
        var missing: [Int] = []
        for leaf in shape.leaves {
            guard isWanted(leaf.shape.path) else {
                columns.append(LeafColumn(leaf.shape))
                continue
            }
            if let column = try file.column(leaf.shape, in: group) {
                columns.append(column)
            } else {
                missing.append(columns.count)
                columns.append(LeafColumn(leaf.shape))
            }
        }
        for index in missing { fill(index) }
    }

    /// Gives a leaf that a file lacks the levels of the structs around it.
    private mutating func fill(_ index: Int) {
        let owners = shape.leaves[index].owners.map { owner in
            (owner.level, shape.index(of: owner.identity).map { columns[$0].definitions } ?? [])
        }
        for row in 0..<count {
            var level: UInt8 = 0
            for (own, identity) in owners {
                guard row < identity.count, identity[row] >= own else { break }
                level = own
            }
            columns[index].append(level: level)
        }
    }

    /// Calls a closure with each row.
    ///
    /// - Throws: What the closure throws, and `LeafFile.Unsuitable` where the leaves are not of as many rows as there are.
    func forEachRow(_ body: (CheckpointCursor) throws -> Void) throws {
        var cursor = CheckpointCursor(self)
        var seen = 0
        while cursor.next() {
            seen += 1
            try body(cursor)
        }
        guard seen == count, cursor.isAtEnd else { throw LeafFile.Unsuitable() }
    }

    /// Adds a row of others.
    mutating func append(_ cursor: CheckpointCursor) {
        for index in columns.indices { columns[index].append(cursor.spans[index], of: cursor.rows.columns[index]) }
        count += 1
    }

    /// Adds an action of an entry.
    mutating func append(_ action: CheckpointAction) {
        var index = 0
        for (number, column) in CheckpointColumn.all.enumerated() {
            add(
                .structure(identity: column.identity, column.fields), number == action.column ? action.value : nil, 0,
                &index)
        }
        count += 1
    }

    /// Adds the leaves of one field, of which the struct around it is there at a level.
    private mutating func add(
        _ kind: CheckpointColumn.Kind, _ value: CheckpointAction.Value?, _ level: UInt8, _ index: inout Int
    ) {
        switch (kind, value) {
        case (.structure(_, let fields), .structure(let values)):
            for (field, value) in zip(fields, values) { add(field.kind, value, level + 1, &index) }
        case (.structure(_, let fields), _):
            for field in fields { add(field.kind, nil, level, &index) }
        case (.plain(CheckpointColumn.map), _):
            add(value, level, &index)
        case (_, .number(let number)):
            columns[index].append(number)
            index += 1
        case (_, .text(let text)):
            columns[index].append(text, elseLevel: level)
            index += 1
        case (_, .list(let elements)):
            if elements.isEmpty { columns[index].append(level: level + 1) }
            for (number, element) in elements.enumerated() {
                columns[index].append(element, elseLevel: level + 2, isFirst: number == 0)
            }
            index += 1
        default:
            columns[index].append(level: level)
            index += 1
        }
    }

    private mutating func add(_ map: CheckpointAction.Value?, _ level: UInt8, _ index: inout Int) {
        if case .map(let pairs) = map, !pairs.isEmpty {
            for (number, pair) in pairs.enumerated() {
                columns[index].append(pair.key, elseLevel: level, isFirst: number == 0)
                columns[index + 1].append(pair.value, elseLevel: level + 2, isFirst: number == 0)
            }
        } else {
            let own = map == nil ? level : level + 1
            columns[index].append(level: own)
            columns[index + 1].append(level: own)
        }
        index += 2
    }
}

/// A position in rows of a checkpoint, which goes from the first one to the last.
struct CheckpointCursor {
    let rows: CheckpointRows
    private(set) var spans: [LeafColumn.Span]
    private let used: [Int]

    init(_ rows: CheckpointRows) {
        self.rows = rows
        spans = rows.columns.map { _ in .start }
        used = rows.columns.indices.filter { !rows.columns[$0].definitions.isEmpty }
    }

    /// Goes to the next row; false behind the last one.
    mutating func next() -> Bool {
        for index in used {
            guard let span = rows.columns[index].span(after: spans[index]) else { return false }
            spans[index] = span
        }
        return !used.isEmpty
    }

    /// Whether there is no further row of any leaf.
    var isAtEnd: Bool { used.allSatisfy { rows.columns[$0].span(after: spans[$0]) == nil } }

    /// Whether a leaf has a value in this row.
    func has(_ leaf: Int) -> Bool { !spans[leaf].values.isEmpty }

    /// The number in this row.
    func number(_ leaf: Int) -> Int64? { has(leaf) ? rows.columns[leaf].numbers[spans[leaf].values.lowerBound] : nil }

    /// The text in this row.
    func text(_ leaf: Int) -> String? { has(leaf) ? rows.columns[leaf].text(spans[leaf].values.lowerBound) : nil }

    /// The elements of a list in this row; nil where there is no list.
    func texts(_ leaf: Int) -> [String?]? {
        let column = rows.columns[leaf]
        let span = spans[leaf]
        // The levels of a list: no list, an empty one, an element that is null, an element.
        guard let first = span.entries.first, column.definitions[first] + 3 > column.greatest else { return nil }
        var value = span.values.lowerBound
        var texts: [String?] = []
        for entry in span.entries where column.definitions[entry] + 2 > column.greatest {
            let isThere = column.definitions[entry] == column.greatest
            texts.append(isThere ? column.text(value) : nil)
            if isThere { value += 1 }
        }
        return texts
    }

    /// The pairs of a map, whose values are in the leaf behind its keys, in this row; nil where there is no map.
    func map(_ keys: Int) -> [String: String?]? {
        guard let values = texts(keys + 1) else { return nil }
        let column = rows.columns[keys]
        var map: [String: String?] = [:]
        for (key, value) in zip(spans[keys].values, values) { map.updateValue(value, forKey: column.text(key)) }
        return map
    }
}

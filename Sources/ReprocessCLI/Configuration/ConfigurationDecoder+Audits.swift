internal import Transforms

extension ConfigurationDecoder {
    /// The audits by their names in a configuration.
    private enum Kind: String, CaseIterable {
        case notEmpty = "not_empty"
        case unique
        case notNull = "not_null"
        case acceptedValues = "accepted_values"
        case range
        case rowCount = "row_count"
        case rowCountDrop = "row_count_drop"
        case rowCountChange = "row_count_change"
        case noRows = "no_rows"
    }

    /// Decodes `audits`, a list of names, or of a name with what belongs to it.
    func audits(_ job: inout MappingReader) throws(ConfigurationError) -> [AuditConfiguration] {
        guard let node = job.optional("audits") else { return [] }
        let place = "'audits' of \(job.place)"
        guard case .sequence(let items) = node.content else {
            throw ConfigurationError(
                "\(place) must be a list, but is \(node.kind): write '- not_empty', one audit a line.",
                at: node.position)
        }
        return try items.map { item throws(ConfigurationError) in try audit(item, place) }
    }

    private func audit(_ item: YAMLNode, _ place: String) throws(ConfigurationError) -> AuditConfiguration {
        switch item.content {
        case .scalar(let name, _):
            let kind = try kind(name, place, at: item.position)
            guard kind == .notEmpty else {
                throw ConfigurationError(
                    "The audit '\(name)' needs more than its name: \(example(of: kind)).", at: item.position)
            }
            return AuditConfiguration(rule: .known(.notEmpty), position: item.position)
        case .mapping(let pairs):
            guard pairs.count == 1, case .scalar(let name, _) = pairs[0].key.content else {
                throw ConfigurationError(
                    "An audit of \(place) has one name, but here are \(pairs.count) keys: begin each audit with '- ', and "
                        + "write its severity within it, as in row_count_drop: { limit: 10%, severity: hold }.",
                    at: item.position)
            }
            let kind = try kind(name, place, at: pairs[0].key.position)
            return try audit(kind, pairs[0].value, at: pairs[0].key.position)
        case .sequence:
            throw ConfigurationError("An audit of \(place) must be a name, but is a list.", at: item.position)
        }
    }

    private func kind(
        _ name: String, _ place: String, at position: SourcePosition
    ) throws(ConfigurationError) -> Kind {
        if let kind = Kind(rawValue: name) { return kind }
        let names = Kind.allCases.map(\.rawValue)
        let guess = Suggestion.question(for: name, among: names)
        let hint = guess.isEmpty ? " There are \(names.joined(separator: ", "))." : guess
        throw ConfigurationError("'\(name)' in \(place) is no audit.\(hint)", at: position)
    }

    private func example(of kind: Kind) -> String {
        switch kind {
        case .notEmpty: "not_empty"
        case .unique: "unique: [id]"
        case .notNull: "not_null: [id]"
        case .acceptedValues: "accepted_values: { column: state, values: [open, closed] }"
        case .range: "range: { column: amount, min: 0 }"
        case .rowCount: "row_count: { min: 100 }"
        case .rowCountDrop: "row_count_drop: 10%"
        case .rowCountChange: "row_count_change: 10%"
        case .noRows: "no_rows: audits/negative.sql"
        }
    }

    /// Decodes one audit in its short form, such as a list of columns, or in its long form, a group of keys.
    private func audit(
        _ kind: Kind, _ node: YAMLNode, at position: SourcePosition
    ) throws(ConfigurationError) -> AuditConfiguration {
        let place = "the audit '\(kind.rawValue)'"
        if node.isNull {
            guard kind == .notEmpty else {
                throw ConfigurationError("\(place.capitalizedFirst) has no value: \(example(of: kind)).", at: position)
            }
            return AuditConfiguration(rule: .known(.notEmpty), position: position)
        }
        guard case .mapping = node.content else {
            let rule = try shortRule(kind, node, place)
            return AuditConfiguration(rule: rule, position: position)
        }
        var reader = try MappingReader(node, place: place, environment: environment)
        let severity = try reader.value("severity") { value throws(ConfigurationError) in
            try value.choice(Audit.Severity.self)
        }
        let showsKeys = try showsKeys(kind, &reader)
        let rule = try longRule(kind, &reader, place)
        try reader.finish()
        return AuditConfiguration(rule: rule, severity: severity ?? .fail, showsKeys: showsKeys, position: position)
    }

    /// Keys are rows of data: only audits that have some know the word.
    private func showsKeys(_ kind: Kind, _ reader: inout MappingReader) throws(ConfigurationError) -> Bool {
        switch kind {
        case .unique, .acceptedValues, .range, .noRows:
            return try reader.value("show_keys") { value throws(ConfigurationError) in try value.bool() } ?? false
        case .notEmpty, .notNull, .rowCount, .rowCountDrop, .rowCountChange: return false
        }
    }

    private func shortRule(
        _ kind: Kind, _ node: YAMLNode, _ place: String
    ) throws(ConfigurationError) -> AuditConfiguration.Rule {
        let reader = AuditReader(node, place.capitalizedFirst, environment)
        switch kind {
        case .unique: return .known(.unique(try reader.columns()))
        case .notNull: return .known(.notNull(try reader.columns()))
        case .rowCount:
            let count = try reader.count()
            return .known(.rowCount(min: count, max: count))
        case .rowCountDrop: return .known(.rowCountDrop(limit: try reader.fraction()))
        case .rowCountChange: return .known(.rowCountChange(limit: try reader.fraction()))
        case .noRows: return noRows(try reader.text())
        case .notEmpty, .acceptedValues, .range:
            throw ConfigurationError(
                "\(place.capitalizedFirst) must be written as \(example(of: kind)), but is \(node.kind).",
                at: node.position)
        }
    }

    private func longRule(
        _ kind: Kind, _ reader: inout MappingReader, _ place: String
    ) throws(ConfigurationError) -> AuditConfiguration.Rule {
        switch kind {
        case .notEmpty: return .known(.notEmpty)
        case .unique: return .known(.unique(try columns(&reader, place)))
        case .notNull: return .known(.notNull(try columns(&reader, place)))
        case .acceptedValues:
            let column = try reader.requiredText("column")
            let node = try reader.required("values")
            guard case .list(let values) = try literal(node, label: "'values' of \(place)"), !values.isEmpty else {
                throw ConfigurationError("'values' of \(place) must be a list of values.", at: node.position)
            }
            return .known(.acceptedValues(column: column, values))
        case .range: return try range(&reader, place)
        case .rowCount: return try rowCount(&reader, place)
        case .rowCountDrop: return .known(.rowCountDrop(limit: try limit(&reader, place)))
        case .rowCountChange: return .known(.rowCountChange(limit: try limit(&reader, place)))
        case .noRows: return noRows(try reader.requiredText("query"))
        }
    }

    private func noRows(_ path: String) -> AuditConfiguration.Rule { .noRows(file: absolute(path), written: path) }

    private func columns(_ reader: inout MappingReader, _ place: String) throws(ConfigurationError) -> [String] {
        try AuditReader(try reader.required("columns"), "'columns' of \(place)", environment).columns()
    }

    private func limit(_ reader: inout MappingReader, _ place: String) throws(ConfigurationError) -> Double {
        try AuditReader(try reader.required("limit"), "'limit' of \(place)", environment).fraction()
    }

    private func range(
        _ reader: inout MappingReader, _ place: String
    ) throws(ConfigurationError) -> AuditConfiguration.Rule {
        let column = try reader.requiredText("column")
        var bounds: [String: Source.Literal] = [:]
        for name in ["min", "max"] {
            guard let node = reader.optional(name) else { continue }
            guard case .scalar = node.content else {
                throw ConfigurationError(
                    "'\(name)' of \(place) must be a value, but is \(node.kind).", at: node.position)
            }
            bounds[name] = try literal(node, label: "'\(name)' of \(place)")
        }
        guard !bounds.isEmpty else {
            throw ConfigurationError("\(place.capitalizedFirst) needs 'min', 'max' or both.", at: reader.node.position)
        }
        return .known(.range(column: column, min: bounds["min"], max: bounds["max"]))
    }

    private func rowCount(
        _ reader: inout MappingReader, _ place: String
    ) throws(ConfigurationError) -> AuditConfiguration.Rule {
        let least = try reader.value("min") { value throws(ConfigurationError) in try value.integer(in: 0...Int.max) }
        let greatest = try reader.value("max") { value throws(ConfigurationError) in try value.integer(in: 0...Int.max)
        }
        guard least != nil || greatest != nil else {
            throw ConfigurationError("\(place.capitalizedFirst) needs 'min', 'max' or both.", at: reader.node.position)
        }
        guard least ?? 0 <= greatest ?? .max else {
            throw ConfigurationError("'min' of \(place) is greater than 'max'.", at: reader.node.position)
        }
        return .known(.rowCount(min: least.map(Int64.init), max: greatest.map(Int64.init)))
    }
}

/// Reads what an audit's short form says.
private struct AuditReader {
    private let node: YAMLNode
    private let label: String
    private let environment: [String: String]

    init(_ node: YAMLNode, _ label: String, _ environment: [String: String]) {
        self.node = node
        self.label = label
        self.environment = environment
    }

    func text() throws(ConfigurationError) -> String { try ScalarReader(node, label, environment).text() }

    func count() throws(ConfigurationError) -> Int64 {
        Int64(try ScalarReader(node, label, environment).integer(in: 0...Int.max))
    }

    /// One column, or a list of them.
    func columns() throws(ConfigurationError) -> [String] {
        guard case .sequence(let items) = node.content else { return [try text()] }
        let columns = try items.map { item throws(ConfigurationError) in
            try ScalarReader(item, "A column of \(label)", environment).text()
        }
        guard !columns.isEmpty else { throw ConfigurationError("\(label) names no column.", at: node.position) }
        return columns
    }

    /// `10%` or `0.1`.
    func fraction() throws(ConfigurationError) -> Double {
        let text = try text()
        let isPercent = text.hasSuffix("%")
        guard let number = Double(isPercent ? String(text.dropLast()) : text), number.isFinite, number >= 0,
            isPercent || number <= 1
        else {
            throw ConfigurationError(
                "\(label) is '\(text)', but must be a share of the rows: write 10% or 0.1.", at: node.position)
        }
        return isPercent ? number / 100 : number
    }
}

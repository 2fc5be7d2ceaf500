internal import Foundation

/// An action of an entry with all fields that a checkpoint has of it.
struct CheckpointAction {
    /// What a field holds.
    indirect enum Value: Hashable {
        case number(Int64)
        case text(String)
        case list([String?])
        /// In the order of the keys, so that the same table always gets the same checkpoint.
        case map([Pair])
        /// The fields in the order of the column's.
        case structure([Value?])
    }

    /// A key of a map and its value.
    struct Pair: Hashable {
        let key: String
        let value: String?
    }

    /// Which of `CheckpointColumn.all` the action is of.
    let column: Int
    let value: Value

    /// Reads a line of an entry; nil where it is an action that no checkpoint has.
    static func action(in line: Data, _ decoder: JSONDecoder) throws -> CheckpointAction? {
        try decoder.decode(Line.self, from: line).action
    }

    /// A field of the action; nil where it is null.
    func field(_ name: String) -> Value? {
        guard case .structure(let values) = value else { return nil }
        return zip(CheckpointColumn.all[column].fields, values).first { $0.0.name == name }?.1
    }

    /// A field of a deletion vector of the action.
    func vectorField(_ name: String) -> Value? {
        let field = CheckpointColumn.all[column].fields.first { $0.name == "deletionVector" }
        guard case .structure(_, let fields) = field?.kind, case .structure(let values) = self.field("deletionVector")
        else { return nil }
        return zip(fields, values).first { $0.0.name == name }?.1
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Line: Decodable {
        let action: CheckpointAction?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: AnyName.self)
            for (index, column) in CheckpointColumn.all.enumerated() {
                let kind = CheckpointColumn.Kind.structure(identity: column.identity, column.fields)
                let name = AnyName(stringValue: column.name)
                guard let value = try Self.value(container, name, kind) else { continue }
                action = CheckpointAction(column: index, value: value)
                return
            }
            action = nil
        }

        private static func value(
            _ container: KeyedDecodingContainer<AnyName>, _ name: AnyName, _ kind: CheckpointColumn.Kind
        ) throws -> Value? {
            switch kind {
            case .plain(CheckpointColumn.map):
                return try container.decodeIfPresent([String: String?].self, forKey: name).map { map in
                    .map(map.sorted { $0.key < $1.key }.map { Pair(key: $0.key, value: $0.value) })
                }
            case .plain("VARCHAR[]"):
                return try container.decodeIfPresent([String?].self, forKey: name).map { .list($0) }
            case .plain("BOOLEAN"):
                return try container.decodeIfPresent(Bool.self, forKey: name).map { .number($0 ? 1 : 0) }
            case .plain("INTEGER"):
                return try container.decodeIfPresent(Int32.self, forKey: name).map { .number(Int64($0)) }
            case .plain("BIGINT"): return try container.decodeIfPresent(Int64.self, forKey: name).map { .number($0) }
            case .plain: return try container.decodeIfPresent(String.self, forKey: name).map { .text($0) }
            case .structure(let identity, let fields):
                guard container.contains(name), try !container.decodeNil(forKey: name) else { return nil }
                let inner = try container.nestedContainer(keyedBy: AnyName.self, forKey: name)
                guard inner.contains(AnyName(stringValue: identity)),
                    try !inner.decodeNil(forKey: AnyName(stringValue: identity))
                else { return nil }
                return .structure(
                    try fields.map { field in
                        try value(inner, AnyName(stringValue: field.name), field.kind)
                            ?? field.fallback.flatMap { fallback(of: field.kind, $0) }
                    })
            }
        }

        private static func fallback(of kind: CheckpointColumn.Kind, _ sql: String) -> Value? {
            switch kind {
            case .plain(CheckpointColumn.map): .map([])
            case .plain("VARCHAR[]"): .list([])
            case .plain("BOOLEAN"): .number(sql == "true" ? 1 : 0)
            case .plain("INTEGER"), .plain("BIGINT"): Int64(sql).map { .number($0) }
            case .plain: .text("")
            case .structure: nil
            }
        }
    }
}

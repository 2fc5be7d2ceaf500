internal import Foundation

/// A column's type, as a Delta schema spells it ("Schema Serialization Format").
indirect enum DeltaType: Hashable, Sendable {
    /// A type without parts, such as `long` or `decimal(10,2)`.
    case primitive(String)
    case array(element: DeltaType)
    case map(key: DeltaType, value: DeltaType)
    case structure([DeltaField])

    /// The type in words of the schema: `long`, `array<string>`, `struct<a: long>`.
    var name: String {
        switch self {
        case .primitive(let name): name
        case .array(let element): "array<\(element.name)>"
        case .map(let key, let value): "map<\(key.name), \(value.name)>"
        case .structure(let fields): "struct<\(fields.map { "\($0.name): \($0.type.name)" }.joined(separator: ", "))>"
        }
    }

    /// The fields of a struct, and those of the structs within any type.
    var allFields: [DeltaField] {
        switch self {
        case .primitive: []
        case .array(let element): element.allFields
        case .map(let key, let value): key.allFields + value.allFields
        case .structure(let fields): fields + fields.flatMap(\.type.allFields)
        }
    }

    /// Every type that has no parts.
    var primitives: [String] {
        switch self {
        case .primitive(let name): [name]
        case .array(let element): element.primitives
        case .map(let key, let value): key.primitives + value.primitives
        case .structure(let fields): fields.flatMap(\.type.primitives)
        }
    }
}

/// A column, or a field of a struct.
struct DeltaField: Hashable, Sendable {
    var name: String
    var type: DeltaType
    var isNullable = true
    /// The names of what else is said about the field.
    var metadataKeys: Set<String> = []
}

/// The columns of a table.
struct DeltaSchema: Hashable, Sendable {
    var fields: [DeltaField]

    init(fields: [DeltaField]) {
        self.fields = fields
    }

    /// Reads a schema from the text in a table's metadata.
    init(json: String) throws {
        let type = try JSONDecoder().decode(DeltaType.self, from: Data(json.utf8))
        guard case .structure(let fields) = type else { throw NotAStructure() }
        self.fields = fields
    }

    /// The schema as the text for a table's metadata.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return String(decoding: try encoder.encode(DeltaType.structure(fields)), as: UTF8.self)
    }

    /// A column by its name.
    func field(_ name: String) -> DeltaField? { fields.first { $0.name == name } }

    private struct NotAStructure: Error {}
}

extension DeltaType: Codable {
    private enum Key: String, CodingKey {
        case type, fields, elementType, containsNull, keyType, valueType, valueContainsNull
    }

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self = .primitive(name)
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .type) {
        case "struct": self = .structure(try container.decode([DeltaField].self, forKey: .fields))
        case "array": self = .array(element: try container.decode(DeltaType.self, forKey: .elementType))
        case "map":
            self = .map(
                key: try container.decode(DeltaType.self, forKey: .keyType),
                value: try container.decode(DeltaType.self, forKey: .valueType))
        case let other: self = .primitive(other)
        }
    }

    func encode(to encoder: any Encoder) throws {
        if case .primitive(let name) = self {
            var container = encoder.singleValueContainer()
            return try container.encode(name)
        }
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .primitive: break
        case .structure(let fields):
            try container.encode("struct", forKey: .type)
            try container.encode(fields, forKey: .fields)
        case .array(let element):
            try container.encode("array", forKey: .type)
            try container.encode(element, forKey: .elementType)
            try container.encode(true, forKey: .containsNull)
        case .map(let key, let value):
            try container.encode("map", forKey: .type)
            try container.encode(key, forKey: .keyType)
            try container.encode(value, forKey: .valueType)
            try container.encode(true, forKey: .valueContainsNull)
        }
    }
}

extension DeltaField: Codable {
    private enum Key: String, CodingKey { case name, type, nullable, metadata }

    /// The name of an entry of a field's metadata, whatever it is.
    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        name = try container.decode(String.self, forKey: .name)
        type = try container.decode(DeltaType.self, forKey: .type)
        isNullable = try container.decodeIfPresent(Bool.self, forKey: .nullable) ?? true
        if container.contains(.metadata), try !container.decodeNil(forKey: .metadata) {
            let entries = try container.nestedContainer(keyedBy: AnyName.self, forKey: .metadata)
            metadataKeys = Set(entries.allKeys.map(\.stringValue))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(type, forKey: .type)
        try container.encode(isNullable, forKey: .nullable)
        _ = container.nestedContainer(keyedBy: AnyName.self, forKey: .metadata)
    }
}

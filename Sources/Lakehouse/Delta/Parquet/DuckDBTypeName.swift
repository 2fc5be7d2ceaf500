/// Reads the types of a Parquet file's columns as DuckDB names them, such as `STRUCT(a INTEGER, b VARCHAR[])`.
struct DuckDBTypeName {
    /// A type that no column of a Delta table can have.
    struct Unrepresentable: Error, Hashable {
        let type: String
    }

    private var rest: Substring

    /// The type of a Delta table for a type of DuckDB.
    static func deltaType(_ text: String) throws(Unrepresentable) -> DeltaType {
        var parser = DuckDBTypeName(rest: Substring(text))
        guard let type = parser.type(), parser.rest.isEmpty else { throw Unrepresentable(type: text) }
        return type
    }

    private mutating func type() -> DeltaType? {
        guard var type = base() else { return nil }
        while rest.hasPrefix("[]") {
            rest.removeFirst(2)
            type = .array(element: type)
        }
        // An array of fixed length, `[3]`, is none of Delta's types.
        return rest.first == "[" ? nil : type
    }

    private mutating func base() -> DeltaType? {
        if take("STRUCT(") { return structure() }
        if take("MAP(") {
            guard let key = type(), take(", "), let value = type(), take(")") else { return nil }
            return .map(key: key, value: value)
        }
        if take("DECIMAL(") {
            let parameters = rest.prefix { $0 != ")" }
            rest.removeFirst(parameters.count)
            return take(")") ? .primitive("decimal(\(parameters))") : nil
        }
        for (name, type) in DuckDBTypeName.primitives where take(name) { return .primitive(type) }
        return nil
    }

    private mutating func structure() -> DeltaType? {
        var fields: [DeltaField] = []
        repeat {
            guard let name = fieldName(), take(" "), let type = type() else { return nil }
            fields.append(DeltaField(name: name, type: type))
        } while take(", ")
        return take(")") ? .structure(fields) : nil
    }

    /// A name, in quotes where it is not a plain one.
    private mutating func fieldName() -> String? {
        guard take("\"") else {
            let name = rest.prefix { $0 != " " }
            rest.removeFirst(name.count)
            return name.isEmpty ? nil : String(name)
        }
        var name = ""
        while let next = rest.popFirst() {
            if next != "\"" {
                name.append(next)
            } else if take("\"") {
                name.append("\"")
            } else {
                return name
            }
        }
        return nil
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest.removeFirst(text.count)
        return true
    }

    /// Longer names before those that they begin with.
    ///
    /// Unsigned integers, times and the like have no counterpart, and
    /// timestamps of other units than microseconds are not what Delta's readers expect.
    private static let primitives = [
        ("BOOLEAN", "boolean"), ("TINYINT", "byte"), ("SMALLINT", "short"), ("INTEGER", "integer"), ("BIGINT", "long"),
        ("FLOAT", "float"), ("DOUBLE", "double"), ("VARCHAR", "string"), ("BLOB", "binary"), ("DATE", "date"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"), ("TIMESTAMP", "timestamp_ntz"),
    ]
}

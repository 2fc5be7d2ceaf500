/// Whether staged files fit a table, and where not.
struct SchemaDifference: Hashable {
    /// A sentence for each difference; none where the files fit.
    let sentences: [String]

    /// Compares the columns of a staged file with those that a table's files must have.
    ///
    /// The order of columns does not matter: readers find them by name. A column that is missing would be read as null, and
    /// one too many would not be read at all; neither is what a transform means, unless a job says so.
    init(
        staged: DeltaSchema, table: DeltaSchema, partitionColumns: [String],
        allowing allowance: SchemaAllowance = SchemaAllowance()
    ) {
        let expected = table.fields.filter { !partitionColumns.contains($0.name) }
        var sentences: [String] = []
        for field in expected {
            if let found = staged.field(field.name) {
                if found.type.comparable != field.type.comparable {
                    sentences.append("\(field.name) is \(found.type.name), the table has \(field.type.name)")
                }
            } else if let other = staged.fields.first(where: { $0.name.lowercased() == field.name.lowercased() }) {
                sentences.append("\(other.name) is spelled \(field.name) in the table")
            } else if !allowance.missing.contains(field.name) {
                sentences.append("\(field.name) (\(field.type.name)) is missing")
            }
        }
        let names = Set(expected.map { $0.name.lowercased() })
        let others = Set(table.fields.map { $0.name.lowercased() })
        for field in staged.fields where !names.contains(field.name.lowercased()) {
            if allowance.addsColumns, !others.contains(field.name.lowercased()) { continue }
            sentences.append("\(field.name) (\(field.type.name)) is not in the table")
        }
        self.sentences = sentences
    }
}

extension DeltaType {
    /// The type without what a Parquet file does not say: whether parts may be null.
    fileprivate var comparable: DeltaType {
        switch self {
        case .primitive("decimal"): .primitive("decimal(10,0)")
        case .primitive(let name): .primitive(name.replacing(" ", with: ""))
        case .array(let element): .array(element: element.comparable)
        case .map(let key, let value): .map(key: key.comparable, value: value.comparable)
        case .structure(let fields):
            .structure(fields.map { DeltaField(name: $0.name, type: $0.type.comparable) })
        }
    }
}

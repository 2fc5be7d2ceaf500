internal import Synchronization

extension DeltaTable {
    /// How the files of an attempt may differ from the table's columns.
    ///
    /// What was added to the table after the attempt had begun its transform could not know.
    func allowance(for writer: Writer, _ table: TableFacts) -> SchemaAllowance {
        if begunColumns.isRestored(writer) {
            // Their readers found nulls there before the files were replaced, and do so again.
            let missing = table.schema.fields.filter(\.isNullable).map(\.name)
            return SchemaAllowance(addsColumns: options.addsColumns, missing: Set(missing))
        }
        guard options.addsColumns else { return SchemaAllowance() }
        guard let begun = begunColumns.columns(for: writer) else { return SchemaAllowance(addsColumns: true) }
        let later = table.schema.fields.filter { $0.isNullable && !begun.contains($0.name) }
        return SchemaAllowance(addsColumns: true, missing: Set(later.map(\.name)))
    }

    /// The table's metadata with the columns that files add; nil where they add none.
    func evolvedMetadata(_ staged: [DeltaSchema], _ table: TableFacts?) throws -> DeltaMetadata? {
        guard options.addsColumns, let table else { return nil }
        let features = Set(table.protocol.readerFeatures ?? []).intersection(table.protocol.writerFeatures ?? [])
        let evolution = SchemaEvolution(staged: staged, table: table.schema, features: features)
        guard evolution.sentences.isEmpty else { throw differentSchema(evolution.sentences) }
        guard !evolution.added.isEmpty else { return nil }
        guard let text = try SchemaText.appending(evolution.added, to: table.metadata.schemaString ?? "") else {
            throw differentSchema(["the table's schema cannot be added to"])
        }
        var metadata = table.metadata
        metadata.schemaString = text
        return metadata
    }
}

/// The columns that a table had when attempts of this process began, and which of these put old files back.
final class BegunColumns: Sendable {
    private let columns = Mutex<[Writer: Set<String>]>([:])
    private let restored = Mutex<Set<Writer>>([])

    func note(_ schema: DeltaSchema?, for writer: Writer) {
        let names = Set(schema?.fields.map(\.name) ?? [])
        columns.withLock { $0[writer] = names }
    }

    func columns(for writer: Writer) -> Set<String>? { columns.withLock { $0[writer] } }

    /// Notes that an attempt puts files back that were part of the table before.
    func noteRestored(_ writer: Writer) { _ = restored.withLock { $0.insert(writer) } }

    func isRestored(_ writer: Writer) -> Bool { restored.withLock { $0.contains(writer) } }

    func forget(_ writer: Writer) {
        columns.withLock { $0[writer] = nil }
        _ = restored.withLock { $0.remove(writer) }
    }
}

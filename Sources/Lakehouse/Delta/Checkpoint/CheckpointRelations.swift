internal import DuckDBEngine

/// An existing checkpoint, whatever its form, as relations of a statement.
struct CheckpointRelations {
    /// `_delta_log`.
    let log: String
    let connection: Connection
    private let scope = CancellationScope()

    init(log: String, connection: Connection) {
        self.log = log
        self.connection = connection
    }

    /// The relations with the table's own actions, and those with the actions of files.
    func relations(
        of parts: [CheckpointPart]
    ) throws -> (table: [CheckpointSQL.Relation], files: [CheckpointSQL.Relation]) {
        var table: [CheckpointSQL.Relation] = []
        var sidecars: [SidecarFile] = []
        for part in parts {
            let path = log + "/" + part.name
            if part.isJSON {
                table.append(
                    CheckpointSQL.Relation(sql: CheckpointSQL.lines(of: [path]), has: CheckpointSQL.isInEntries))
                _ = try LogEntryReader().forEachAction(in: path) { action in
                    if case .sidecar(let sidecar) = action { sidecars.append(sidecar) }
                }
            } else {
                let whole = try relation(path)
                table.append(whole)
                guard whole.has("sidecar.path") else { continue }
                let query = #"SELECT "sidecar"."path" FROM \#(whole.sql) WHERE "sidecar"."path" IS NOT NULL"#
                sidecars += try connection.run(query, in: scope).rows.map { SidecarFile(path: $0[0].text ?? "") }
            }
        }
        return (table, table + (try sidecars.map { try relation(CheckpointReader.location(of: $0, in: log)) }))
    }

    private func relation(_ file: String) throws -> CheckpointSQL.Relation {
        let query = "SELECT name, num_children FROM parquet_schema(\(CheckpointSQL.glob(file)))"
        let rows = try connection.run(query, in: scope).rows
        let schema = CheckpointSchema(rows: rows.map { ($0[0].text ?? "", Int($0[1].integer ?? 0)) })
        return CheckpointSQL.Relation(
            sql: "read_parquet(\(CheckpointSQL.glob(file)), hive_partitioning = false)", has: schema.has)
    }
}

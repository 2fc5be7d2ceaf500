/// A Delta table that is read and not written, whose log is read once and then followed.
package final class DeltaSourceTable: Sendable {
    /// The canonical path of the table's folder.
    package let root: String
    private let log: DeltaLog

    /// The canonical path of a table, by which it is known whatever its path was given as.
    ///
    /// - Throws: `TableError` where there can be no such path.
    package static func root(of path: String) throws -> String {
        try reporting("find the table \(path)") { try Path.canonical(path) }
    }

    /// Names a table; nothing is read yet.
    ///
    /// - Parameters:
    ///   - root: A canonical path.
    ///   - column: The column by which files are found at once; by others they are gone through.
    package init(root: String, column: String) {
        self.root = root
        log = DeltaLog(root: root, column: column)
    }

    /// Reads what is new in the log and answers all selections out of one version.
    ///
    /// - Throws: `TableError` where there is no table, or none that can be read, or where it has no files for a selection.
    package func snapshot(_ selections: [DeltaSelection]) throws -> DeltaSnapshot {
        try reporting("read the table \(root)") {
            try log.withLatest { replay in
                guard let replay, let `protocol` = replay.protocol, let metadata = replay.metadata else {
                    throw noTable
                }
                let gate = DeltaReaderGate(protocol: `protocol`, metadata: metadata, schema: replay.schema)
                guard gate.objections.isEmpty, let schema = replay.schema else { throw refusal(gate.objections) }
                let reading = DeltaReading(
                    root: root, schema: schema, partitionColumns: metadata.partitionColumns ?? [],
                    mapsColumns: gate.mapsColumns)
                return DeltaSnapshot(
                    root: root, version: replay.version, columns: reading.columns,
                    parts: try selections.map { try reading.part($0, of: replay.files) })
            }
        }
    }

    private var noTable: TableError {
        TableError(
            .refused,
            """
            \(root) is no Delta table: it has no folder _delta_log with entries. Correct the source's path, or wait \
            until the table has been made.
            """)
    }

    private func refusal(_ objections: [DeltaGate.Objection]) -> TableError {
        TableError(
            .refused,
            """
            The Delta table \(root) cannot be read, because of \
            \(objections.map(\.description).joined(separator: "; ")). Let a program that supports it write what is \
            needed as Parquet files or as a table without it, and name that as the source.
            """)
    }
}

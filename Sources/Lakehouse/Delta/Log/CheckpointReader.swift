internal import DuckDBEngine
internal import Foundation

/// Reads a checkpoint, whatever its form, into a table's state.
struct CheckpointReader {
    /// `_delta_log`.
    let folder: String

    private let entries = LogEntryReader()
    private let decoder = JSONDecoder()

    init(folder: String) {
        self.folder = folder
    }

    /// Reads all parts; false where one of them has gone since the folder was listed.
    func read(_ parts: [CheckpointPart], into replay: inout LogReplay) throws -> Bool {
        var sidecars: [SidecarFile] = []
        var parquet: [String] = []
        for part in parts {
            let path = folder + "/" + part.name
            if part.isJSON {
                let status = try entries.forEachAction(in: path) { action in
                    if case .sidecar(let sidecar) = action { sidecars.append(sidecar) }
                    replay.apply(action)
                }
                if status == nil { return false }
            } else {
                guard try FileSystem.status(of: path) != nil else { return false }
                parquet.append(path)
            }
        }
        if !parquet.isEmpty || !sidecars.isEmpty {
            if sidecars.isEmpty, let state = try CheckpointState(reading: parquet) {
                state.apply(to: &replay)
            } else {
                try readByDuckDB(parquet, sidecars, into: &replay)
            }
        }
        replay.version = parts.first?.version ?? -1
        return true
    }

    func readByDuckDB(_ files: [String], _ sidecars: [SidecarFile], into replay: inout LogReplay) throws {
        // One instance for as long as it takes: a table is read from a checkpoint once.
        let database = try Database(
            options: DatabaseOptions(memoryLimit: "1GB", threads: 2),
            environment: ProcessInfo.processInfo.environment)
        let reader = ParquetActions(connection: try database.connect())
        var sidecars = sidecars
        // The table's own actions first: they tell which partition columns the files have.
        for file in files {
            try reporting(file) {
                try reader.forEachLine(of: file) { line in
                    guard let action = try ActionLine.action(in: Data(line.utf8), decoder) else { return }
                    if case .sidecar(let sidecar) = action { sidecars.append(sidecar) }
                    replay.apply(action)
                }
            }
        }
        let columns = replay.metadata?.partitionColumns ?? []
        for file in files + sidecars.map({ CheckpointReader.location(of: $0, in: folder) }) {
            try reporting(file) {
                try reader.forEachFile(of: file, partitionColumns: columns) { replay.insert($0) }
            }
        }
    }

    /// Sidecars lie in a folder of their own, whatever their path says before the name ("Sidecar files").
    static func location(of sidecar: SidecarFile, in folder: String) -> String {
        folder + "/_sidecars/" + Path.name(of: DeltaPath.decoded(sidecar.path))
    }

    private func reporting(_ file: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DuckDBError where error.kind == .libraryMissing || error.kind == .libraryUnsuitable {
            throw TableError(.refused, "The checkpoint \(file) cannot be read. \(error.message)")
        } catch let error as DuckDBError where error.kind != .outOfMemory {
            throw TableError(
                .refused,
                """
                The checkpoint \(file) cannot be read; DuckDB says: \(error.message) Nothing was changed. Let a \
                program that writes Delta checkpoints make a new one, or restore the file.
                """)
        } catch is DecodingError {
            throw TableError(
                .refused,
                """
                The checkpoint \(file) has an action that is none of the Delta protocol. Nothing was changed. Let a \
                program that writes Delta checkpoints make a new one, or restore the file.
                """)
        }
    }
}

/// The actions in one Parquet file of a checkpoint.
private struct ParquetActions {
    let connection: Connection
    private let scope = CancellationScope()
    private let decoder = JSONDecoder()

    init(connection: Connection) {
        self.connection = connection
    }

    func forEachLine(of file: String, _ body: (String) throws -> Void) throws {
        guard let query = try schema(of: file).queryForTable(file: relation(file)) else { return }
        try connection.forEachRow(of: query, in: scope) { row in
            if let line = row[0].text { try body(line) }
        }
    }

    func forEachFile(of file: String, partitionColumns: [String], _ body: (LiveFile) -> Void) throws {
        let schema = try schema(of: file)
        guard let query = schema.queryForFiles(file: relation(file), partitionColumns: partitionColumns) else { return }
        try connection.forEachRow(of: query, in: scope) { row in
            var values: PartitionValues = [:]
            for (index, column) in partitionColumns.enumerated() where row[4 + 2 * index] == .boolean(true) {
                values.updateValue(row[5 + 2 * index].text, forKey: column)
            }
            let vector = try row[2].text.map { try decoder.decode(DeletionVector.self, from: Data($0.utf8)) }
            body(
                LiveFile(
                    path: row[0].text ?? "", partitionValues: values, size: row[1].integer ?? 0,
                    deletionVector: vector, rows: nil, publishedFiles: row[3].text.flatMap { Int($0) }))
        }
    }

    private func schema(of file: String) throws -> CheckpointSchema {
        let query = "SELECT name, num_children FROM parquet_schema(\(CheckpointSQL.glob(file)))"
        let rows = try connection.run(query, in: scope).rows
        return CheckpointSchema(rows: rows.map { ($0[0].text ?? "", Int($0[1].integer ?? 0)) })
    }

    private func relation(_ file: String) -> String {
        // Without the partitions that DuckDB would find in the table's own path.
        "read_parquet(\(CheckpointSQL.glob(file)), hive_partitioning = false)"
    }
}

internal import DuckDBEngine
internal import Foundation

/// What the footer of a Parquet file says.
struct ParquetFooter: Hashable {
    /// The columns, with Delta's types.
    let schema: DeltaSchema
    /// The number of rows.
    let rows: Int64
    /// Whether DuckDB wrote the file, whose statistics are known.
    var isByDuckDB = true
    /// The statistics of each column in each row group.
    let chunks: [ColumnChunk]
}

/// The statistics of one column in one row group, as DuckDB prints them.
struct ColumnChunk: Hashable {
    let column: String
    let minimum: String?
    let maximum: String?
    let nulls: Int64?
    /// How many values there are, nulls included.
    let values: Int64
    /// Whether the extremes are values of the column, and not cut short by the writer.
    let isExact: Bool
}

/// Reads footers, and rewrites files where a table has more partition columns than one.
final class ParquetFooters: Sendable {
    private let database: Database
    private let scope = CancellationScope()

    init() throws {
        database = try ParquetFooters.translating {
            try Database(
                options: DatabaseOptions(memoryLimit: "1GB", threads: 2),
                environment: ProcessInfo.processInfo.environment)
        }
    }

    /// Reads the footer of a file.
    func footer(of path: String) throws -> ParquetFooter {
        try ParquetFooters.translating(path) {
            let connection = try database.connect()
            let file = CheckpointSQL.glob(path)
            let columns = try connection.run(
                "SELECT column_name, column_type FROM "
                    + "(DESCRIBE SELECT * FROM read_parquet(\(file), hive_partitioning = false))", in: scope
            ).rows
            let rows = try connection.run("SELECT num_rows, created_by FROM parquet_file_metadata(\(file))", in: scope)
                .rows
            let chunks = try connection.run(
                "SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count, num_values, "
                    + "min_is_exact IS DISTINCT FROM false AND max_is_exact IS DISTINCT FROM false "
                    + "FROM parquet_metadata(\(file))", in: scope
            ).rows
            return ParquetFooter(
                schema: try schema(columns, path), rows: rows.first?.first?.integer ?? 0,
                isByDuckDB: rows.first?.last?.text?.hasPrefix("DuckDB") == true,
                chunks: chunks.map { row in
                    ColumnChunk(
                        column: row[0].text ?? "", minimum: row[1].text, maximum: row[2].text, nulls: row[3].integer,
                        values: row[4].integer ?? 0, isExact: row[5] == .boolean(true))
                })
        }
    }

    /// How many rows of a file have no value in a column.
    func countNulls(in column: String, of path: String) throws -> Int64 {
        try ParquetFooters.translating(path) {
            let query =
                "SELECT count(*) - count(\(ParquetFooters.name(column))) FROM "
                + "read_parquet(\(CheckpointSQL.glob(path)), hive_partitioning = false)"
            return try database.connect().run(query, in: scope).rows.first?.first?.integer ?? 0
        }
    }

    /// Writes the rows of some files anew, one folder `column=value` within the other for each value of some columns,
    /// which the new files lack.
    func split(
        _ files: [String], by columns: [String], into folder: String, _ encoding: ParquetEncoding
    ) throws {
        try ParquetFooters.translating(files.first ?? folder) {
            let connection = try database.connect()
            let list = files.map(CheckpointSQL.glob).joined(separator: ", ")
            let options =
                encoding.copyOptions
                + ["PARTITION_BY (\(columns.map(ParquetFooters.name).joined(separator: ", ")))"]
                + (try provenance(of: files.first ?? "", connection))
            _ = try connection.run(
                "COPY (SELECT * FROM read_parquet([\(list)], hive_partitioning = false)) "
                    + "TO \(CheckpointSchema.literal(folder)) (\(options.joined(separator: ", ")))", in: scope)
        }
    }

    /// Writes the rows of a file anew, into as many files of a new folder as its encoding says.
    func divide(_ file: String, into folder: String, _ encoding: ParquetEncoding) throws {
        try ParquetFooters.translating(file) {
            let connection = try database.connect()
            let options =
                encoding.copyOptions + (encoding.fileSize.map { ["FILE_SIZE_BYTES \($0)"] } ?? [])
                + (try provenance(of: file, connection))
            _ = try connection.run(
                "COPY (SELECT * FROM read_parquet(\(CheckpointSQL.glob(file)), hive_partitioning = false)) "
                    + "TO \(CheckpointSchema.literal(folder)) (\(options.joined(separator: ", ")))", in: scope)
        }
    }

    /// Copies a file that has no rows, without some of its columns.
    func copyWithoutRows(
        _ file: String, without columns: [String], to copy: String, _ encoding: ParquetEncoding
    ) throws {
        try ParquetFooters.translating(file) {
            let connection = try database.connect()
            let names = columns.map(ParquetFooters.name).joined(separator: ", ")
            let options = encoding.copyOptions + (try provenance(of: file, connection))
            _ = try connection.run(
                "COPY (SELECT * EXCLUDE (\(names)) FROM read_parquet(\(CheckpointSQL.glob(file)), "
                    + "hive_partitioning = false) LIMIT 0) TO \(CheckpointSchema.literal(copy)) "
                    + "(\(options.joined(separator: ", ")))", in: scope)
        }
    }

    /// What the engine wrote into the footer, such as the attempt, as an option of COPY; none where there is nothing.
    private func provenance(of file: String, _ connection: Connection) throws -> [String] {
        let metadata = try connection.run(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata(\(CheckpointSQL.glob(file))) "
                + "WHERE starts_with(decode(key), 'reprocess.')", in: scope
        ).rows
        let pairs = metadata.compactMap { row in
            row[0].text.flatMap { key in row[1].text.map { (key, $0) } }
        }
        guard !pairs.isEmpty else { return [] }
        let entries = pairs.map { "\(CheckpointSchema.literal($0)): \(CheckpointSchema.literal($1))" }
        return ["KV_METADATA {\(entries.joined(separator: ", "))}"]
    }

    private func schema(_ rows: [[DuckDBValue]], _ path: String) throws -> DeltaSchema {
        var fields: [DeltaField] = []
        for row in rows {
            let (name, type) = (row[0].text ?? "", row[1].text ?? "")
            do {
                fields.append(DeltaField(name: name, type: try DuckDBTypeName.deltaType(type)))
            } catch {
                throw TableError(
                    .refused,
                    """
                    The column "\(name)" of the staged file \(path) is of type \(type), which no Delta table can have. \
                    Nothing was published. Cast it in the transform, for example to \
                    \(type.hasPrefix("U") && type != "UUID" ? "BIGINT" : "VARCHAR").
                    """)
            }
        }
        return DeltaSchema(fields: fields)
    }

    private static func name(_ column: String) -> String {
        "\"" + column.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// DuckDB's messages may quote rows, so only their kind is passed on where a file was read.
    private static func translating<Result>(_ file: String? = nil, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DuckDBError {
            guard let file else { throw TableError(.refused, error.message) }
            let code: TableError.Code = error.kind == .io || error.kind == .outOfMemory ? .io : .refused
            throw TableError(
                code,
                """
                \(file) could not be read or split (DuckDB: \(error.kind)). Nothing was published; look at the file, \
                then run the partition again.
                """)
        }
    }
}

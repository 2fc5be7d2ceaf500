internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// Reads the footers of files, all in one statement where all can be read.
    func footers(ofParquetFiles files: [String]) throws -> [String: ParquetReading] {
        guard !files.isEmpty else { return [:] }
        let list = SQLLiteral.list(files.map(FileGlob.escaped))
        let sql = "SELECT file_name, num_rows FROM parquet_file_metadata(\(list))"
        let together = try readings { () throws(DuckDBError) in try connection.run(sql, in: scope).rows }
        guard case .success(let rows) = together, rows.count == files.count else {
            // One of them is broken, and the statement does not say which.
            return Dictionary(try files.map { ($0, try footer(of: $0)) }, uniquingKeysWith: { first, _ in first })
        }
        var readings: [String: ParquetReading] = [:]
        for row in rows {
            guard let name = row.first?.text, let count = row.last?.integer else { continue }
            readings[name] = .readable(rows: count, outside: 0)
        }
        return readings
    }

    /// Reads every value of a file, and looks whether its rows lie in the partition where it has the partition column.
    ///
    /// The digest of all columns is what makes DuckDB decode them: counts it would answer from the footer.
    func readEverything(inParquetFile file: String, key: PartitionKey, column: String) throws -> ParquetReading {
        let source = "read_parquet([\(SQLLiteral.text(FileGlob.escaped(file)))], hive_partitioning = false)"
        let shape = try readings { () throws(DuckDBError) in
            try connection.columns(of: "SELECT * FROM \(source)", in: scope)
        }
        let columns: [Column]
        switch shape {
        case .success(let found): columns = found
        case .failure(let reading): return reading
        }
        let outside = condition(columns, key: key, column: column).map { "(\($0)) IS NOT TRUE" } ?? "false"
        let sql = "SELECT count(*), count(*) FILTER (WHERE \(outside)), bit_xor(hash(result)) FROM \(source) AS result"
        switch try readings({ () throws(DuckDBError) in try connection.run(sql, in: scope).rows.first ?? [] }) {
        case .success(let row):
            guard let rows = row.first?.integer, let outside = row.dropFirst().first?.integer else {
                return .unreadable("the engine did not count its rows")
            }
            return .readable(rows: rows, outside: outside)
        case .failure(let reading): return reading
        }
    }

    private func footer(of file: String) throws -> ParquetReading {
        let sql = "SELECT num_rows FROM parquet_file_metadata($1)"
        let name = DuckDBValue.text(FileGlob.escaped(file))
        switch try readings({ () throws(DuckDBError) in try connection.run(sql, [name], in: scope).rows }) {
        case .success(let rows):
            guard let count = rows.first?.first?.integer else { return .unreadable("it has no footer") }
            return .readable(rows: count, outside: 0)
        case .failure(let reading): return reading
        }
    }

    /// A condition on the partition column, where a file has it in a type that tells the partition.
    private func condition(_ columns: [Column], key: PartitionKey, column: String) -> String? {
        guard let found = columns.first(where: { $0.name.lowercased() == column.lowercased() }) else { return nil }
        let shape: ResultShape
        switch found.type {
        case .date, .timestamp: shape = .temporal
        case .text: shape = .text
        default: return nil
        }
        return shape.condition(column: found.name, literals: PartitionLiterals(key))
    }

    private enum Outcome<Value> {
        case success(Value)
        case failure(ParquetReading)
    }

    /// Tells a file that cannot be read from an engine that cannot work.
    private func readings<Value>(_ body: () throws(DuckDBError) -> Value) throws -> Outcome<Value> {
        do {
            return .success(try body())
        } catch {
            switch error.kind {
            case .interrupted, .outOfMemory, .libraryMissing, .libraryUnsuitable, .missingExtension:
                throw FailureTranslation(query: Query(""), scan: SQLScanner("")).error(error, in: nil)
            default:
                let reason = FailureTranslation(query: Query(""), scan: SQLScanner("")).error(error, in: nil).message
                return .failure(.unreadable(reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? reason))
            }
        }
    }
}

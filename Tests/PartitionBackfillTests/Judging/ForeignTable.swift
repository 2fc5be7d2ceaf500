import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// A program that knows nothing of us and has written the table before.
enum ForeignWriter: String, CaseIterable, CustomTestStringConvertible {
    case arrow, duckdb, delta

    var testDescription: String { rawValue }

    var format: JudgedFormat { self == .delta ? .delta : .hive }

    /// Two days of 200 rows, with columns of many types: plain, nested, and null in every row.
    private static let script = """
        import datetime, decimal, os, sys
        import duckdb, pyarrow, pyarrow.parquet
        from deltalake import write_deltalake
        kind, path, columns = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
        def table(day):
            count, start = 200, datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
            return pyarrow.table({
                "id": pyarrow.array(range(count), pyarrow.int64()),
                "word": ["\\u00e9" * 70 if i == 7 else f"w{i}" for i in range(count)],
                "amount": pyarrow.array([None if i % 5 == 0 else i * 1.5 for i in range(count)], pyarrow.float64()),
                "price": pyarrow.array([decimal.Decimal(i) / 4 - 10 for i in range(count)], pyarrow.decimal128(12, 2)),
                "at": pyarrow.array(
                    [start + datetime.timedelta(seconds=i * i) for i in range(count)], pyarrow.timestamp("us", "UTC")),
                "since": pyarrow.array([datetime.date(2023, 1, 1 + i % 28) for i in range(count)]),
                "flag": [i % 2 == 0 for i in range(count)],
                "note": pyarrow.nulls(count, pyarrow.string()),
                "tags": pyarrow.array([[i, None] for i in range(count)], pyarrow.list_(pyarrow.int64())),
                "place": [{"city": f"c{i}"} for i in range(count)],
                "region": [None if i % 3 == 0 else ["north", "south"][i % 2] for i in range(count)],
            })
        for day in [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]:
            rows, folder = table(day), f"{path}/day={day}"
            if kind == "delta":
                days = pyarrow.array([day] * len(rows), pyarrow.date32())
                write_deltalake(path, rows.append_column("day", days), partition_by=columns, mode="append")
                continue
            os.makedirs(folder)
            if kind == "arrow":
                pyarrow.parquet.write_table(rows, f"{folder}/data.parquet", row_group_size=64)
            else:
                duckdb.sql(f"COPY (SELECT * FROM rows) TO '{folder}/data_0.parquet'")
        sys.stdout.flush()
        # Native threads of these libraries may abort an interpreter that takes itself apart.
        os._exit(0)
        """

    /// Writes the table; that of Delta partitioned by columns.
    func write(_ path: String, by columns: String = "day") async throws {
        let process = try RunningProcess(
            PythonEnvironment.interpreter, ["-c", Self.script, rawValue, path, columns])
        let end = try await process.wait(timeout: .seconds(300))
        try #require(end == .exited(0), "\(process.errorOutput)")
    }

    /// What a run makes instead, with a column more.
    static let replacement = """
        SELECT range AS id, 'new' AS word, 1.5::DOUBLE AS amount, 2.25::DECIMAL(12, 2) AS price,
            TIMESTAMPTZ '2024-01-01 00:00:00+00' AS at, DATE '2023-01-01' AS since, true AS flag, NULL::VARCHAR AS note,
            [range]::BIGINT[] AS tags, {'city': 'x'} AS place, 'north' AS region, 1::BIGINT AS extra FROM range(3)
        """
}

extension JudgingFixture {
    /// What the rows of a day are, read in full from what the table holds now.
    func measured(_ day: String) async throws -> PartitionStatistics {
        let key = try BackfillFixture.day(day)
        let rows: PartitionRows =
            switch format {
            case .hive: .files(try #require(try current(day)).files)
            case .delta:
                .table(try DeltaSources().examine(Source(path: path, format: .delta), key: key, column: "day"))
            }
        return try await DuckDBSQLEngine().withSession { session in
            try await session.measure(MeasureRequest(rows: rows, key: key, column: "day", refusesOutside: false))
        }
    }

    /// A job that replaces what another program wrote.
    func replacingJob(version: String = "1", measures: Bool = true) -> Job {
        var job = Job("orders", version: version, target: target) { partition in
            try await partition.overwrite(ForeignWriter.replacement)
        }
        job.measures = measures
        return job
    }

    /// Takes away what the table keeps of what was replaced.
    func removeReplaced(_ before: [Generation]) throws {
        switch format {
        case .hive: try FileManager.default.removeItem(atPath: path + ".reprocess/previous")
        case .delta: for file in before.flatMap(\.files) { try FileManager.default.removeItem(atPath: file) }
        }
    }
}

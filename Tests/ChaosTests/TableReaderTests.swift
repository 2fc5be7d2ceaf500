import CLinux
import Foundation
import TestSupport
import Testing

/// The readers of the chaos test find what they are there for.
@Suite struct TableReaderTests {
    /// Rows of a day: the generation that they name, and an amount.
    private typealias Rows = [[Int]]

    /// Three days of two rows each, whose raw amounts are 10 and 20.
    private final class Table {
        let directory: TemporaryDirectory
        static let days = ["2024-01-30", "2024-01-31", "2024-02-01"]
        var path: String { directory.appending("table") }
        private var generation = 0

        init(_ change: (inout [String: Rows]) -> Void = { _ in }) async throws {
            directory = try TemporaryDirectory()
            var rows = Dictionary(uniqueKeysWithValues: Self.days.map { ($0, [[1, 10], [1, 20]]) })
            change(&rows)
            for (day, rows) in rows { try await write(rows, to: "\(path)/day=\(day)") }
            let expected = Dictionary(uniqueKeysWithValues: Self.days.map { ($0, ["rows": 2, "sum": 30]) })
            try JSONEncoder().encode(expected).write(to: URL(filePath: directory.appending("expected.json")))
        }

        func replace(_ day: String, by rows: Rows) async throws {
            let staged = directory.appending("staged")
            try await write(rows, to: staged)
            #expect(reprocess_rename_exchange(staged, "\(path)/day=\(day)") == 0)
            try FileManager.default.removeItem(atPath: staged)
        }

        func reader(_ engine: TableReader.Engine) throws -> TableReader {
            try TableReader(engine, table: path, expectations: directory.appending("expected.json"))
        }

        private func write(_ rows: Rows, to folder: String) async throws {
            generation += 1
            let script = """
                import json, os, sys, pyarrow, pyarrow.parquet
                rows = json.loads(sys.argv[2])
                os.makedirs(sys.argv[1])
                columns = {"generation": [row[0] for row in rows], "amount": [row[1] for row in rows]}
                pyarrow.parquet.write_table(pyarrow.table(columns), f"{sys.argv[1]}/part-{sys.argv[3]}.parquet")
                """
            let json = String(decoding: try JSONEncoder().encode(rows), as: UTF8.self)
            let process = try RunningProcess(
                try PythonEnvironment.interpreter, ["-c", script, folder, json, "\(generation)"])
            #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        }
    }

    @Test(arguments: TableReader.Engine.allCases)
    func `What is right passes, also while it is replaced`(engine: TableReader.Engine) async throws {
        let table = try await Table()
        let reader = try table.reader(engine)
        try await reader.read(allowing: 0...1)
        try await reader.read(allowing: 1...2)
        try await table.replace("2024-01-31", by: [[2, 20], [2, 40]])
        try await reader.read(allowing: 1...3)
        #expect(reader.complaints.isEmpty)
        #expect(try #require(reader.counts).checks >= 9)
        try await reader.end()
    }

    @Test(arguments: TableReader.Engine.allCases)
    func `A table that is not there yet passes where it may be empty`(engine: TableReader.Engine) async throws {
        let table = try await Table { $0 = [:] }
        let reader = try table.reader(engine)
        try await reader.read(allowing: 0...1)
        #expect(reader.complaints.isEmpty)
        try await reader.read(allowing: 1...1)
        #expect(!reader.complaints.isEmpty)
        try await reader.end()
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var rows: [[Int]]?
        var says: String
    }

    @Test(
        arguments: TableReader.Engine.allCases,
        [
            Case(testDescription: "a mix", rows: [[1, 10], [2, 20]], says: "of generations 1 to 2"),
            Case(testDescription: "a wrong sum", rows: [[1, 10], [1, 21]], says: "with the sum 31"),
            Case(testDescription: "a row too few", rows: [[1, 30]], says: "has 1 rows"),
            Case(testDescription: "twice", rows: [[1, 10], [1, 20], [1, 10], [1, 20]], says: "has 4 rows"),
            Case(testDescription: "a missing day", rows: nil, says: "is of generation 0, and 1 to 1 may be"),
            Case(
                testDescription: "a later generation", rows: [[2, 20], [2, 40]], says: "is of generation 2, and 1 to 1"),
        ])
    func `What is wrong is found`(engine: TableReader.Engine, example: Case) async throws {
        let table = try await Table { $0["2024-01-31"] = example.rows }
        let reader = try table.reader(engine)
        try await reader.read(allowing: 1...1)
        #expect(
            reader.complaints.contains { $0.contains("2024-01-31 ") && $0.contains(example.says) },
            "\(reader.complaints)")
        try await reader.end()
    }

    @Test(arguments: TableReader.Engine.allCases)
    func `A generation that comes back is found`(engine: TableReader.Engine) async throws {
        let table = try await Table { $0["2024-01-31"] = [[2, 20], [2, 40]] }
        let reader = try table.reader(engine)
        try await reader.read(allowing: 1...2)
        #expect(reader.complaints.isEmpty)
        try await table.replace("2024-01-31", by: [[1, 10], [1, 20]])
        try await reader.read(allowing: 0...2)
        #expect(reader.complaints.contains { $0.contains("2024-01-31 is of generation 1, after 2 was seen") })
        try await reader.end()
    }
}

extension TableReader {
    /// Says which generations a day may be of, and waits for a whole read.
    fileprivate func read(allowing generations: ClosedRange<Int>) async throws {
        try allow(generations)
        try await waitForRead(generations)
    }
}

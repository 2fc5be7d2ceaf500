import Foundation
import TestSupport
import Testing

/// The comparison of a table with what it should be made of finds what it is there for.
@Suite struct ContentAuditTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        /// The ids of the rows that each file of the day has; their amounts are ten times as much, in generation 2.
        var files: [[Int]]
        var amount = 20
        var says: [String] = []
    }

    @Test(arguments: [
        Case(testDescription: "all of it", files: [[0, 1], [2, 3]]),
        Case(testDescription: "a lost batch", files: [[0, 1]], says: ["2024-01-01: 2 rows are missing."]),
        Case(
            testDescription: "a batch twice", files: [[0, 1], [2, 3], [2, 3]],
            says: ["2024-01-01: 2 rows are too many or wrong."]),
        Case(
            testDescription: "another generation", files: [[0, 1, 2, 3]], amount: 10,
            says: ["2024-01-01: 3 rows are missing.", "2024-01-01: 3 rows are too many or wrong."]),
    ])
    func `Rows that are missing, twice or wrong are found`(example: Case) async throws {
        let folder = try TemporaryDirectory()
        for name in ["bronze", "table/day=2024-01-01"] {
            try FileManager.default.createDirectory(atPath: folder.appending(name), withIntermediateDirectories: true)
        }
        let lines = ["day,id,amount"] + (0..<4).map { "2024-01-01,\($0),\($0 * 10)" }
        try lines.joined(separator: "\n").write(
            toFile: folder.appending("bronze/2024-01-01.csv"), atomically: false, encoding: .utf8)
        for (number, ids) in example.files.enumerated() {
            let rows = ids.map { "(\($0), \($0 * example.amount), 2)" }.joined(separator: ", ")
            let file = folder.appending("table/day=2024-01-01/part-\(number).parquet")
            let script = "import duckdb, sys; duckdb.execute(sys.argv[1])"
            let copy =
                "COPY (SELECT * FROM (VALUES \(rows)) AS t (id, amount, generation)) TO '\(file)' (FORMAT parquet)"
            let process = try RunningProcess(try PythonEnvironment.interpreter, ["-c", script, copy])
            #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        }
        let audit = ContentAudit(table: folder.appending("table"), bronze: folder.appending("bronze"), generation: 2)
        #expect(try await audit.violations() == example.says)
    }
}

import Foundation
import Glibc
import Partitions
import TestSupport
import Testing
import Transforms

struct FailureTests {
    @Test(arguments: [
        (
            "SELECT 1 AS a,\n  2 frm x y\n",
            "x.sql:2: syntax error at or near \"x\"\n      2 frm x y\n            ^"
        ),
        ("SELECT 'é',\n\t'é', nosuch", "x.sql:2: Referenced column \"nosuch\""),
        ("-- c\nSELECT $partition AS p, $partition_start AS s, nosuch", "x.sql:2: Referenced column \"nosuch\""),
        ("SELECT *\n\nFROM nosuch -- é", "x.sql:3: Table with name nosuch does not exist!"),
        ("SELECT 1,\n $when", "x.sql:2: '$when' is no parameter"),
        ("INSERT INTO x VALUES (1)", "x.sql:1: A transform is one SELECT"),
        ("SELECT 1; SELECT 2", "x.sql holds 2 statements"),
        ("  ", "x.sql is empty"),
        ("SELECT 1,\r\n2 +,\r\n3", "x.sql:2: syntax error at or near \",\"\n    2 +,\n       ^"),
    ])
    func `an error in a statement has its line in the user's file`(sql: String, expected: String) async throws {
        let bench = try await StagingBench()
        let error = try await bench.stagingError(Query(sql, file: "x.sql"))
        #expect(error.message.contains(expected))
    }

    @Test func `the caret stands below the word that is meant`() async throws {
        let bench = try await StagingBench()
        let message = try await bench.stagingError(Query("SELECT 'é' AS a,\n\t$partition AS ü, nosuch FROM range(3)"))
            .message
        let lines = message.split(separator: "\n")
        let text = try #require(lines.dropLast().last)
        let caret = try #require(lines.last?.firstIndex(of: "^"))
        let column = try #require(lines.last).distance(from: try #require(lines.last).startIndex, to: caret)
        #expect(text.dropFirst(column).hasPrefix("nosuch"))
    }

    @Test func `an operator that does not fit is told with its place and a few that would`() async throws {
        let bench = try await StagingBench()
        let query = Query("SELECT 1 AS a,\n  DATE '2024-01-01' + 'x'::BLOB AS b", file: "x.sql")
        let message = try await bench.stagingError(query).message
        #expect(message.hasPrefix("x.sql:2: No function matches the given name and argument types '+(DATE, BLOB)'."))
        #expect(message.contains("  DATE '2024-01-01' + 'x'::BLOB AS b\n") && message.hasSuffix("^"), "\(message)")
        #expect(message.contains(/\tand \d+ more\n/) && message.count { $0 == "\n" } == 7, "\(message)")
    }

    @Test func `of a long line, what is around the place is shown`() async throws {
        let bench = try await StagingBench()
        let columns = (0..<500).map { "\($0) AS c\($0)" }.joined(separator: ", ")
        let message = try await bench.stagingError(Query("SELECT \(columns), nosuch, \(columns)")).message
        #expect(message.contains("nosuch,"))
        #expect(message.split(separator: "\n").allSatisfy { $0.count < 200 })
    }

    @Test(.enabled(if: getuid() == 0, "Mounting a file system needs root.")) func `a full disk is told as such`()
        async throws
    {
        let bench = try await StagingBench()
        let mount = bench.folder.appending("full")
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: false)
        try run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount])
        let query = Query("SELECT hash(range) AS a, hash(range + 1) AS b FROM range(200000)")
        let request = try bench.request(query, into: mount)
        let error = await #expect(throws: TransformError.self) { try await bench.session.stage(request) }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains(mount) == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == [])
        try run("/bin/umount", [mount])
    }

    @Test func `too little memory is told as such`() async throws {
        let options = EngineOptions(memoryLimit: "20MB", threads: 1)
        let bench = try await StagingBench(engine: DuckDBSQLEngine(options: options))
        let query = Query("SELECT list(range ORDER BY hash(range)) AS a FROM range(20000000)")
        let error = try await bench.stagingError(query)
        #expect(error.code == .outOfMemory)
        #expect(error.message.contains("memory limit"))
    }

    @Test func `a folder that is not there is named`() async throws {
        let bench = try await StagingBench()
        let request = try bench.request(Query("SELECT 1 AS a"), into: bench.folder.appending("nowhere"))
        let error = await #expect(throws: TransformError.self) { try await bench.session.stage(request) }
        #expect(error?.message.contains(bench.folder.appending("nowhere")) == true)
    }

    @Test func `files that a statement names and that are missing are a missing source`() async throws {
        let bench = try await StagingBench()
        #expect(try await bench.stagingError(Query("FROM read_parquet('/nowhere/*.parquet')")).code == .sourceMissing)
    }

    @Test func `a session that was closed says so`() async throws {
        let bench = try await StagingBench()
        await bench.session.close()
        #expect(try await bench.stagingError(Query("SELECT 1 AS a")).code == .misuse)
    }

    @Test func `a library that cannot be loaded is an error with advice`() async throws {
        await #expect(processExitsWith: .success) {
            let engine = DuckDBSQLEngine(environment: ["DUCKDB_LIBRARY": "/nowhere/libduckdb.so"])
            do {
                _ = try await engine.openSession()
                exit(1)
            } catch let error as TransformError {
                exit(error.code == .engineMissing && error.message.contains("/nowhere/libduckdb.so") ? 0 : 2)
            }
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let process = try Process.run(URL(filePath: program), arguments: arguments)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

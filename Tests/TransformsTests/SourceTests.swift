import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

struct SourceTests {
    @Test(arguments: ["plain", "with space", "it's", "50%%", "[x]", "a*b", "q?", "é\"ü", "a\\b", "a{b,c}"])
    func `paths are taken literally where they exist`(folder: String) async throws {
        let bench = try await StagingBench()
        let onDisk = folder.replacingOccurrences(of: "%%", with: "%")
        try bench.write("a\n1\n", to: "\(onDisk)/2024-01-02.csv")
        try bench.write("a\n2\n", to: "x/2024-01-02.csv")
        let source = Source(path: bench.folder.appending("\(folder)/%F.csv"), format: .csv)
        let result = try await bench.session.stage(try bench.request(Query("FROM source", sources: [source])))
        let file = try #require(result.files.first)
        #expect(try await bench.read("FROM '\(file)'") == ["integer(1)"])
    }

    @Test func `wildcards find every file, also in folders with odd names`() async throws {
        let bench = try await StagingBench()
        for name in ["a 1", "a[2]", "b"] { try bench.write("n\n1\n", to: "\(name)/2024-01-02.csv") }
        let wild = Source(path: bench.folder.appending("a*/%F.csv"), format: .csv)
        #expect(try await bench.session.stage(try bench.request(Query("FROM source", sources: [wild]))).rows == 2)
        let deep = Source(path: bench.folder.path + "/**/%F.csv", format: .csv)
        #expect(try await bench.session.stage(try bench.request(Query("FROM source", sources: [deep]))).rows == 3)
    }

    @Test(arguments: ["%F.csv", "*-%F.csv", "**/%F.csv"])
    func `a missing file is named before anything runs`(path: String) async throws {
        let bench = try await StagingBench()
        let source = Source(name: "orders", path: bench.folder.appending(path), format: .csv)
        let query = Query("SELECT error('ran') FROM orders", sources: [source])
        let error = try await bench.stagingError(query)
        #expect(error.code == .sourceMissing)
        #expect(error.message.contains("'orders'") && error.message.contains("2024-01-02.csv"))
    }

    @Test func `several sources are relations by their names`() async throws {
        let bench = try await StagingBench()
        try bench.write("id,day\n1,2024-01-02\n2,2024-01-02\n", to: "o/2024-01-02.csv")
        try bench.write("{\"id\": 1, \"name\": \"x\"}\n", to: "c.json")
        let query = Query(
            "SELECT o.*, c.name FROM \"my orders\" AS o JOIN customers AS c USING (id)",
            sources: [
                Source(name: "my orders", path: bench.folder.appending("o/%F.csv"), format: .csv),
                Source(name: "customers", path: bench.folder.appending("c.json"), format: .json),
            ])
        #expect(try await bench.session.stage(try bench.request(query)).rows == 1)
    }

    @Test func `a hive source is the partition's own directory, with the column`() async throws {
        let bench = try await StagingBench()
        for day in ["2024-01-01", "2024-01-02"] {
            let folder = bench.folder.appending("t/day=\(day)")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let request = try bench.request(Query("SELECT '\(day)' AS made, 1 AS a"), into: folder)
            _ = try await bench.session.stage(request)
        }
        let source = Source(path: bench.folder.appending("t"), format: .hive)
        let query = Query("SELECT made, day = $partition_start AS fits, day FROM source", sources: [source])
        let file = try #require(try await bench.session.stage(try bench.request(query)).files.first)
        #expect(try await bench.read("FROM '\(file)'") == ["text(\"2024-01-02\")|boolean(true)"])
        #expect(try await bench.stagingError(query, day: "2024-01-05").code == .sourceMissing)
    }

    @Test func `options reach the reader as literals`() async throws {
        let bench = try await StagingBench()
        try bench.write("1;x'y\n2;NA\n", to: "f.csv")
        let options: [String: Source.Literal] = [
            "header": .bool(false), "delim": .text(";"), "nullstr": .list([.text("NA"), .text("it's")]),
            "columns": .map(["a": .text("INTEGER"), "b's": .text("VARCHAR")]), "sample_size": .integer(10),
        ]
        let source = Source(path: bench.folder.appending("f.csv"), format: .csv, options: options)
        let file = try #require(
            try await bench.session.stage(try bench.request(Query("FROM source", sources: [source]))).files.first)
        #expect(
            try await bench.read("SELECT a, \"b's\" FROM '\(file)'") == [
                "integer(1)|text(\"x\\'y\")", "integer(2)|null",
            ])
    }

    @Test(arguments: ["a b", "x = 1); --", "", "_x", "1a"])
    func `a name that cannot be an option is refused`(name: String) async throws {
        let bench = try await StagingBench()
        try bench.write("a\n1\n", to: "f.csv")
        let source = Source(path: bench.folder.appending("f.csv"), format: .csv, options: [name: .bool(true)])
        #expect(try await bench.stagingError(Query("FROM source", sources: [source])).code == .misuse)
    }

    @Test func `an option that the reader does not know is an error`() async throws {
        let bench = try await StagingBench()
        try bench.write("a\n1\n", to: "f.csv")
        let source = Source(path: bench.folder.appending("f.csv"), format: .csv, options: ["all_varcar": .bool(true)])
        #expect(try await bench.stagingError(Query("FROM source", sources: [source])).message.contains("all_varcar"))
    }
}

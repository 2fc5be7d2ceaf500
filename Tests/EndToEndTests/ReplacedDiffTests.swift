import Foundation
import TestSupport
import Testing

/// A table that another program made, reprocessed for the first time, as its user sees it.
@Suite struct ReplacedDiffTests {
    private static let range = ["--from", "2024-01-01", "--to", "2024-01-02"]

    /// Two days of orders of another program, replaced by a run.
    private func project() async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        let script = """
            import os, sys
            import pyarrow, pyarrow.parquet
            for day in ["2024-01-01", "2024-01-02"]:
                os.makedirs(f"{sys.argv[1]}/order_date={day}")
                rows = pyarrow.table({"order_id": list(range(1, 13)), "amount": [float(i) for i in range(12)]})
                pyarrow.parquet.write_table(rows, f"{sys.argv[1]}/order_date={day}/part.parquet")
            os._exit(0)
            """
        let python = try RunningProcess(
            PythonEnvironment.interpreter, ["-c", script, project.directory.appending("lake/orders")])
        #expect(try await python.wait(timeout: .seconds(120)) == .exited(0), "\(python.errorOutput)")
        let run = try await project.start(["run"] + Self.range).finished()
        #expect(run.code == 0, "\(run)")
        return project
    }

    @Test func `diff shows what footers told, then measures, and reads nothing the next time`() async throws {
        let project = try await project()
        let known = try await project.run("diff", "2024-01-01", "--no-measure")
        #expect(known.code == 0 && known.output.contains("12 → 10 rows"), "\(known)")
        #expect(
            known.output.contains("the footers of their files told") && known.output.contains("order_id"), "\(known)")
        let first = try await project.run("diff", "2024-01-01", "--all-columns")
        #expect(first.code == 0 && first.errors.isEmpty, "\(first)")
        #expect(!first.output.contains("footers") && first.output.contains("sum"), "\(first)")
        try project.remove("lake/orders.reprocess/previous/2024-01-01")
        #expect(try await project.run("diff", "2024-01-01", "--all-columns").output == first.output)
        // The other day has not been looked at: it was read by no one.
        let json = try await project.run("diff", "--run", "1", "--no-measure", "--json")
        #expect(json.output.contains(#""columns_from":"footers""#) && json.output.contains(#""columns_from":"rows""#))
        let all = try await project.run("diff", "--run", "1", "--json")
        #expect(!all.output.contains("footers"), "\(all)")
    }

    @Test func `clean measures what it removes, and says so before`() async throws {
        let project = try await project()
        let environment = ["TMPDIR": project.directory.appending("tmp")]
        func clean(_ more: String...) async throws -> Project.Finished {
            try await project.start(["clean", "--keep", "0s"] + more, environment: environment).finished()
        }
        let dry = try await clean("--dry-run")
        #expect(dry.errors.contains("would measure 2 replaced generations before"), "\(dry)")
        let unmeasured = try await clean("--dry-run", "--no-measure")
        #expect(!unmeasured.errors.contains("measure"), "\(unmeasured)")
        #expect(try await project.run("diff", "--run", "1", "--no-measure", "--json").output.contains("footers"))
        let json = try await clean("--json")
        #expect(json.output.contains(#""event":"measured""#) && json.output.contains(#""measured":2"#), "\(json)")
        let diff = try await project.run("diff", "--run", "1", "--json")
        #expect(diff.code == 0 && !diff.output.contains("footers") && diff.output.contains(#""digest":"1:"#), "\(diff)")
    }

    @Test func `What cannot be read keeps neither from its work, and is said`() async throws {
        let project = try await project()
        let previous = project.directory.appending("lake/orders.reprocess/previous/2024-01-01")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: previous).first)
        let path = "\(previous)/\(name)/part.parquet"
        var status = stat()
        #expect(stat(path, &status) == 0)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.write(contentsOf: Data(repeating: 0x2a, count: Int(status.st_size)))
        try handle.close()
        #expect(utimensat(AT_FDCWD, path, [status.st_atim, status.st_mtim], 0) == 0)
        let diff = try await project.run("diff", "2024-01-01")
        #expect(diff.code == 0 && diff.errors.contains("2024-01-01: what was replaced cannot be measured."), "\(diff)")
        #expect(diff.output.contains("the footers of their files told"), "\(diff)")
        let clean = try await project.start(
            ["clean", "--keep", "0s"], environment: ["TMPDIR": project.directory.appending("tmp")]
        ).finished()
        #expect(clean.code == 0 && clean.output.contains("not measured  2024-01-01  replaced generation"), "\(clean)")
        #expect(clean.errors.contains("measured 1 replaced generation before"), "\(clean)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: previous).isEmpty)
    }
}

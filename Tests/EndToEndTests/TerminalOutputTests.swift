import Foundation
import TestSupport
import Testing

/// Output into pipes, full disks and other programs.
@Suite struct TerminalOutputTests {
    private static let commands = ["run", "plan", "status", "retry", "split", "explain", "doctor", "init"]

    /// Runs a line of shell in the project's folder, with `$reprocess` as the program.
    private func shell(_ line: String, in project: Project) async throws -> (code: Int32, output: String, error: String)
    {
        let process = try RunningProcess(
            "/bin/bash", ["-c", line],
            environment: [
                "reprocess": try RunningProcess.built("reprocess"), "REPROCESS_DATABASE_URL": project.conninfo,
            ], directory: project.path)
        try process.closeInput()
        guard case .exited(let code) = try await process.wait() else { throw TestSupportError("ended by a signal") }
        return (code, process.output, process.errorOutput)
    }

    @Test(arguments: ["--verbose", "--json"])
    func `A reader that has seen enough ends a plan quietly`(form: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let line = "\"$reprocess\" plan --from 1900-01-01 --to 2100-12-31 \(form) | head -n 1; echo ${PIPESTATUS[0]}"
        let result = try await shell(line, in: project)
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(result.output.hasSuffix("\n0\n"), "\(result)")
        #expect(result.error.isEmpty, "\(result)")
    }

    @Test(arguments: [
        "--help", "plan --from 2024-01-01 --to 2024-01-01", "plan --from 2024-01-01 --to 2024-01-01 --json", "status",
        "status --json", "split 2 --from 2024-01-01 --to 2024-01-02",
    ])
    func `A full disk behind the output is an error`(words: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let result = try await shell("\"$reprocess\" \(words) > /dev/full", in: project)
        #expect(result.code == 2, "\(result)")
        #expect(result.error == "error: The output cannot be written: No space left on device.\n")
    }

    @Test func `Colours go into a pipe only where they are asked for`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let plan = "\"$reprocess\" plan --from 2024-01-01 --to 2024-01-01"
        #expect(try await !shell(plan, in: project).output.contains("\u{1B}"))
        #expect(try await shell("\(plan) --color always", in: project).output.contains("\u{1B}[32mrun"))
        #expect(try await !shell("\(plan) --color always --json", in: project).output.contains("\u{1B}"))
    }

    @Test(arguments: commands + [""])
    func `A help page in a pipe is plain text, 80 columns wide`(command: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let result = try await shell("\"$reprocess\" \(command) --help", in: project)
        #expect(result.code == 0)
        #expect(result.error.isEmpty)
        #expect(!result.output.contains("\u{1B}"))
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(result.output)")
        #expect(result.output.contains("Exit codes:"))
        let same = try await shell("\"$reprocess\" help \(command)", in: project)
        #expect(same.output == result.output)
    }

    @Test func `Quiet leaves the errors`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-03")
        try project.remove("bronze/2024-01-02.csv")
        let result = try await project.run("--from", "2024-01-01", "--to", "2024-01-03", "--quiet")
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("  FAILED 2024-01-02: The source 'source' has no file 'bronze/2024-01-02.csv'"))
        #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }

    @Test func `What is to be pasted after a failure runs what failed, and nothing else`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-09")
        for day in ["02", "05"] { try project.remove("bronze/2024-01-\(day).csv") }
        let failed = try await project.run("run", "--dates", "2024-01-02,2024-01-04..2024-01-05")
        let pasted = try #require(failed.errors.firstMatch(of: /reprocess (retry .*)/)).1
        #expect(pasted == "retry --dates 2024-01-02,2024-01-04..2024-01-05")
        for key in try Project.keys("2024-01-01"..."2024-01-09") { try project.writeBronze(key) }
        let retried = try await shell("\"$reprocess\" \(pasted)", in: project)
        #expect(retried.code == 0, "\(retried)")
        #expect(
            try await project.ledger() == ["2024-01-02 COMPLETE", "2024-01-04 COMPLETE", "2024-01-05 COMPLETE"])
    }
}

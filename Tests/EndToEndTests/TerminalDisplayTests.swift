import Foundation
import TestSupport
import Testing

/// What a person sees who sits in front of a terminal.
@Suite struct TerminalDisplayTests {
    private static let range = ["--from", "2024-01-01", "--to", "2024-01-10"]

    @Test func `Failures stay above the bar, each error in full once, and the bar goes away`() async throws {
        let project = try await Project(transform: Project.slowTransform())
        for day in ["03", "04", "07"] { try project.remove("bronze/2024-01-\(day).csv") }
        let process = try project.start(["run"] + Self.range + ["--workers", "1"], attachment: .terminal(columns: 400))
        #expect(try await process.wait() == .exited(1), "\(process.output)")
        #expect(process.output.contains("█"), "\(process.output)")
        let screen = TerminalScreen(process.output, columns: 400)
        #expect(screen.isCursorVisible)
        #expect(!screen.text.contains { $0.contains("█") || $0.contains("running:") })
        let failures = screen.text.filter { $0.contains(" FAILED: ") }
        #expect(
            failures == [
                "2024-01-03 FAILED: The source 'source' has no file 'bronze/2024-01-03.csv' for the partition 2024-01-03. "
                    + "Bring the file, or leave the partition out.",
                "2024-01-04 FAILED: the same error as 2024-01-03", "2024-01-07 FAILED: the same error as 2024-01-03",
            ])
        #expect(screen.text.contains { $0.hasPrefix("  FAILED 2024-01-03 to 2024-01-04, 2024-01-07 (3): The source") })
        #expect(screen.text.last == "  reprocess retry --from 2024-01-01 --to 2024-01-10 --workers 1")
    }

    @Test func `The display follows the terminal's width`() async throws {
        let project = try await Project(transform: Project.slowTransform(work: 90_000_000_000))
        let process = try project.start(["run"] + Self.range, attachment: .terminal(columns: 100))
        try await process.wait(untilOutputContains: "running: 2024-01-01")
        try process.resize(columns: 40)
        // The bar has no room in forty columns: what has none is cut, with an ellipsis.
        try await process.wait(untilOutputContains: "…")
        let before = process.output.utf8.count
        process.send(SIGINT)
        try await process.wait(untilOutputContains: "Ctrl-C again stops at once")
        process.send(SIGINT)
        #expect(try await process.wait() == .exited(130), "\(process.output)")
        let narrow = String(decoding: process.output.utf8.prefix(before), as: UTF8.self)
        let frame = try #require(narrow.components(separatedBy: "\u{1B}[J").last)
        for line in TerminalScreen(frame, columns: 1000).text { #expect(line.count < 40, "\(line)") }
    }

    @Test func `status --watch is drawn anew until Ctrl-C`() async throws {
        let project = try await Project(transform: Project.slowTransform(work: 90_000_000_000))
        let run = try project.start(["run"] + Self.range + ["--json"])
        try await run.wait(untilOutputContains: "\"claimed\"")
        let status = try project.start(["status", "--watch"], attachment: .terminal())
        try await status.wait(untilOutputContains: "RUNNING")
        #expect(!status.output.contains("COMPLETE"))
        try await project.query(
            "INSERT INTO \(project.schema).partition_progress (job, partition_key, status) "
                + "VALUES ('orders', '2023-12-31', 'COMPLETE')")
        try await status.wait(untilOutputContains: "COMPLETE")
        try status.type("\u{3}")
        #expect(try await status.wait() == .exited(130), "\(status.output)")
        let screen = TerminalScreen(status.output)
        #expect(screen.isCursorVisible)
        #expect(screen.text.count { $0.contains("RUNNING") } == 1, "\(screen.text)")
        run.send(SIGKILL)
        try await run.wait()
    }

    @Test func `status --watch ends when nothing is left to do`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02", transform: Project.slowTransform())
        let run = try project.start(["run", "--from", "2024-01-01", "--to", "2024-01-02", "--json"])
        try await run.wait(untilOutputContains: "\"claimed\"")
        let status = try await project.run("status", "--watch")
        #expect(status.code == 0, "\(status)")
        #expect(status.output.contains("100% complete"), "\(status)")
        #expect(try await run.wait() == .exited(0))
    }

    @Test func `NO_COLOR takes the colours away and leaves the display`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        for (environment, hasColours) in [(["NO_COLOR": "1"], false), (["NO_COLOR": nil], true)] {
            let process = try project.start(
                ["run"] + ["--from", "2024-01-01", "--to", "2024-01-02", "--only", "all", "--rewrite"],
                environment: environment,
                attachment: .terminal())
            #expect(try await process.wait() == .exited(0))
            #expect(process.output.contains("\u{1B}[32m") == hasColours, "\(process.output)")
            #expect(process.output.contains("\u{1B}[?25l"))
        }
    }
}

extension Project {
    /// A transform that is slow enough to be met while it runs, and can be interrupted.
    static func slowTransform(work: Int = 60_000_000) -> String {
        fixedTransform + "\nWHERE (SELECT sum(sqrt(i)) FROM range(\(work)) AS numbers (i)) > 0\n"
    }
}

import Foundation
import TestSupport
import Testing

/// Ctrl-C on a terminal: once, twice, three times.
@Suite struct TerminalSignalTests {
    private static let interrupt = "\u{3}"
    private static let range = ["--from", "2024-01-01", "--to", "2024-01-10"]

    @Test func `Ctrl-C finishes what runs, and says how to go on`() async throws {
        let project = try await Project(transform: Project.slowTransform(work: 200_000_000))
        let process = try project.start(["run"] + Self.range + ["--workers", "1"], attachment: .terminal())
        try await process.wait(untilOutputContains: "running: 2024-01-01")
        try process.type(Self.interrupt)
        #expect(try await process.wait() == .exited(130), "\(process.output)")
        let screen = TerminalScreen(process.output)
        #expect(screen.isCursorVisible)
        #expect(
            screen.text.contains {
                $0.hasSuffix("Stopping: 1 running partition will be finished first. Ctrl-C again stops at once.")
            }, "\(screen.text)")
        #expect(screen.text.contains("orders: 1 complete, 9 left; stopped"), "\(screen.text)")
        #expect(screen.text.last == "  reprocess run --from 2024-01-01 --to 2024-01-10 --workers 1")
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") } == ["2024-01-01 COMPLETE"])
    }

    @Test func `Ctrl-C twice stops at once and gives back what was running`() async throws {
        let project = try await Project(transform: Project.slowTransform(work: 90_000_000_000))
        let process = try project.start(["run"] + Self.range, attachment: .terminal())
        try await process.wait(untilOutputContains: "running: 2024-01-01")
        try process.type(Self.interrupt)
        try await process.wait(untilOutputContains: "Ctrl-C again stops at once")
        try process.type(Self.interrupt)
        #expect(try await process.wait(timeout: .seconds(20)) == .exited(130), "\(process.output)")
        #expect(TerminalScreen(process.output).isCursorVisible)
        #expect(try await project.ledger().allSatisfy { $0.hasSuffix("PENDING") })
    }

    @Test func `Ctrl-C three times ends the process while it still waits for the ledger`() async throws {
        let cluster = try await TestCluster()
        let project = try await Project(transform: Project.slowTransform(work: 90_000_000_000))
        let process = try project.start(
            ["run"] + Self.range, environment: ["REPROCESS_DATABASE_URL": cluster.conninfo], attachment: .terminal())
        try await process.wait(untilOutputContains: "running: 2024-01-01")
        try await cluster.stop(immediate: true)
        try process.type(Self.interrupt)
        try await process.wait(untilOutputContains: "Ctrl-C again stops at once")
        try process.type(Self.interrupt)
        try await process.wait(untilOutputContains: "Ctrl-C again ends the process")
        try process.type(Self.interrupt)
        #expect(try await process.wait(timeout: .seconds(10)) == .exited(130), "\(process.output)")
        #expect(TerminalScreen(process.output).isCursorVisible)
    }
}

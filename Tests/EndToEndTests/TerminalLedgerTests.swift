import Foundation
import TestSupport
import Testing

/// What is told of the ledger: that it is made, that it is gone, that it is back.
@Suite struct TerminalLedgerTests {
    private static let range = ["--from", "2024-01-01", "--to", "2024-01-10", "--workers", "2"]

    /// Runs while the database goes away and comes back.
    private func run(
        _ arguments: [String], _ attachment: RunningProcess.Attachment, begun: String, gone: String, back: String
    ) async throws -> RunningProcess {
        let cluster = try await TestCluster()
        let project = try await Project(transform: Project.slowTransform(work: 200_000_000))
        let process = try project.start(
            ["run"] + Self.range + arguments, environment: ["REPROCESS_DATABASE_URL": cluster.conninfo],
            attachment: attachment)
        try await process.wait(untilOutputContains: begun)
        try await cluster.stop(immediate: true)
        try await process.wait(untilOutputContains: gone)
        try await cluster.start()
        try await process.wait(untilOutputContains: back)
        #expect(try await process.wait(timeout: .seconds(120)) == .exited(0), "\(process.output)\(process.errorOutput)")
        #expect(project.partitions().count == 10)
        return process
    }

    @Test func `A database that goes away is told in the log, and that it is back`() async throws {
        let process = try await run(
            [], .pipes, begun: "running",
            gone: "The ledger does not answer; it is tried again for up to 10 minutes: ",
            back: "The ledger answers again.")
        #expect(process.errorOutput.contains("orders: 10 complete"), "\(process.errorOutput)")
    }

    @Test func `A database that goes away is on the display until it is back`() async throws {
        let process = try await run(
            [], .terminal(columns: 200), begun: "running: ", gone: "waiting for the ledger: ",
            back: "The ledger answers again.")
        let screen = TerminalScreen(process.output, columns: 200)
        #expect(screen.text.count { $0.contains("The ledger does not answer") } == 1, "\(screen.text)")
        #expect(!screen.text.contains { $0.contains("waiting for the ledger") }, "\(screen.text)")
    }

    @Test func `A database that goes away is an event`() async throws {
        let process = try await run(
            ["--json"], .pipes, begun: "\"claimed\"", gone: "\"ledger_unavailable\"", back: "\"ledger_available\"")
        #expect(process.errorOutput.isEmpty, "\(process.errorOutput)")
    }

    @Test func `Making the embedded ledger is told, once`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        var none: [String: String?] = [:]
        for name in ["REPROCESS_DATABASE_URL", "PGHOST", "PGDATABASE", "PGSERVICE"] { none[name] = .some(.none) }
        for isFirst in [true, false] {
            let process = try RunningProcess(
                RunningProcess.built("reprocess"), ["status"], environment: none, directory: project.path)
            try process.closeInput()
            #expect(try await process.wait(timeout: .seconds(120)) == .exited(0), "\(process.errorOutput)")
            #expect(process.errorOutput.contains("Making the embedded ledger in ") == isFirst)
        }
    }
}

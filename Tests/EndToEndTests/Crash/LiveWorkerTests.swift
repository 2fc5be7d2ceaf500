import Foundation
import TestSupport
import Testing

/// A worker that lives is not robbed; one that slept does not work against a person.
@Suite(.timeLimit(.minutes(5))) struct LiveWorkerTests {
    @Test func `A partition that takes five leases has one attempt, and another process waits for it`() async throws {
        try await waitForSlowPartition(lease: 2) { _, _ in }
    }

    @Test func `A heartbeat that is late, but within the lease, costs nothing`() async throws {
        try await waitForSlowPartition(lease: 4) { crash, worker in
            // The line of the heartbeats: its server process sleeps, as a network that has swallowed packets.
            let backend = try #require(try await crash.connections(of: worker, lastAsked: "extended AS").first)
            try #require(Foundation.kill(backend, SIGSTOP) == 0)
            defer { Foundation.kill(backend, SIGCONT) }
            try await eventually { try await crash.secondsOfLease() < 2 }
        }
    }

    private func waitForSlowPartition(
        lease: Int, _ disturb: (CrashProject, RunningProcess) async throws -> Void
    ) async throws {
        let crash = try await CrashProject(days: "2024-01-01"..."2024-01-01")
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second, .paused)
        try crash.pause(crash.keys, for: .seconds(10))
        let worker = try crash.start(lease: "\(lease)s")
        try await worker.wait(untilOutputContains: "\"claimed\"")
        let other = try crash.start(lease: "\(lease)s")
        try await other.wait(untilOutputContains: "\"started\"")
        try await disturb(crash, worker)
        #expect(try await worker.wait() == .exited(0), "\(worker.errorOutput)")
        #expect(try await other.wait() == .exited(0), "\(other.errorOutput)")
        #expect(worker.events(of: "2024-01-01") == ["claimed", "completed"])
        #expect(other.events(of: "2024-01-01") == ["finished_elsewhere"])
        try await history.checkEnd(.second)
        #expect(history.seen.last?.attempts.count == 2)
        let length = try await crash.project.query(
            "SELECT max(ended_at - started_at) > '\(2 * lease) seconds' FROM \(crash.project.schema).attempt")
        #expect(length == [["t"]])
    }

    @Test func `A worker that slept longer than its lease asks before it publishes over what a person has decided`()
        async throws
    {
        let crash = try await CrashProject(days: "2024-01-01"..."2024-01-01")
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second)
        let sleeper = try crash.start(fault: "staged:stop")
        try await sleeper.waitUntilStopped()
        try await eventually { try await crash.secondsOfLease() < 0 }
        // Nobody has begun the partition since, so that no fence in the table keeps the sleeper out.
        try await crash.project.query(
            """
            UPDATE \(crash.project.schema).partition_progress
            SET status = 'COMPLETE', fence = nextval('\(crash.project.schema).fence'), claim_id = NULL
            """)
        let decided = try await Snapshot(of: crash)
        sleeper.send(SIGCONT)
        // The row still names the version that the table holds, and that is not the sleeper's.
        #expect(try await sleeper.wait() == .exited(1), "\(sleeper.errorOutput)")
        #expect(sleeper.events(of: "2024-01-01").contains("lost"))
        let after = try await Snapshot(of: crash)
        #expect(after.partitions == decided.partitions)
        #expect(after.partitions.values.map(\.version) == [.first])
        #expect(after.rows == decided.rows)
    }
}

extension CrashProject {
    /// How long the lease of the one running partition still lasts, by the database's clock.
    fileprivate func secondsOfLease() async throws -> Double {
        let rows = try await project.query(
            """
            SELECT extract(epoch FROM lease_expires_at - now()) FROM \(project.schema).partition_progress
            WHERE status = 'RUNNING'
            """)
        return try #require(rows.first?[0].flatMap { Double($0) })
    }

    /// The server's processes whose last statement for a process has a word in it.
    fileprivate func connections(of process: RunningProcess, lastAsked word: String) async throws -> [pid_t] {
        try await project.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE application_name LIKE 'reprocess %:\(process.id):%' AND query LIKE '%\(word)%'
            """
        ).compactMap { $0[0].flatMap { pid_t($0) } }
    }
}

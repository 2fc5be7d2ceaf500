import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real processes that are killed or stopped at every point, and a successor that takes over.
@Suite(.serialized) struct DeltaProcessTests {
    private static let isCommitted: Set<FaultPoint> = [.committed, .commitSynced, .attemptEnded]
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test(arguments: FaultPoint.delta, [true, false])
    func `After kill -9 the partition is old or new, and the successor adopts or replaces it`(
        point: FaultPoint, replaces: Bool
    ) async throws {
        try prepare(replaces: replaces)
        let probe = try probe(fence: 3, fault: "\(point.rawValue):kill")
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL), "\(probe.output)")

        let table = try sample.table()
        let left = try table.current(DeltaSample.key)?.writer
        let wasCommitted = Self.isCommitted.contains(point)
        #expect(left == (wasCommitted ? .attempt(3) : replaces ? .attempt(1) : nil))

        let staging = try table.begin(DeltaSample.key, writer: .attempt(4))
        #expect(try table.current(DeltaSample.key)?.writer == left)
        if wasCommitted {
            // Adopted: the predecessor's generation says its rows.
            #expect(try table.current(DeltaSample.key)?.rows == 3)
            try table.discard(staging)
        } else {
            // What the dead attempt moved into the table's folder is gone.
            #expect(sample.dataFiles.count == (replaces ? 1 : 0))
            try DeltaSample.stage(staging)
            #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(4))
        }
        #expect(sample.versions.count == (replaces ? 2 : 1))
        #expect(DeltaSample.names(in: sample.attempts) == [Writer.attempt(4).text + ".ended"])
        #expect(try sample.table().current(DeltaSample.key)?.files.count == 1)
    }

    @Test(arguments: FaultPoint.delta, [true, false])
    func `A process that was stopped at any point and wakes up later changes nothing`(
        point: FaultPoint, replaces: Bool
    ) async throws {
        try prepare(replaces: replaces)
        let probe = try probe(fence: 3, fault: "\(point.rawValue):stop")
        try await waitUntilStopped(probe)

        let published = try #require(try sample.publish(4).generation)
        let versions = sample.versions
        probe.send(SIGCONT)
        #expect(try await probe.wait(timeout: .seconds(120)) == .exited(0))
        let expected =
            Self.isCommitted.contains(point)
            ? "published \(Writer.attempt(3).text)" : FaultPoint.begin.contains(point) ? "f" : "fenced 4"
        #expect(probe.output.hasPrefix(expected), "the probe said: \(probe.output)")
        #expect(try sample.table().current(DeltaSample.key) == published)
        #expect(sample.versions == versions)
        #expect(versions.count == (replaces ? 2 : 1) + (Self.isCommitted.contains(point) ? 1 : 0))
    }

    @Test func `A stopped process blocks nobody`() async throws {
        try prepare(replaces: true)
        let probe = try probe(fence: 3, fault: "aboutToCommit:stop")
        try await waitUntilStopped(probe)
        #expect(try sample.publish(5, DeltaSample.key.next).generation?.writer == .attempt(5))
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
        probe.send(SIGCONT)
        #expect(try await probe.wait(timeout: .seconds(120)) == .exited(0))
    }

    @Test(.timeLimit(.minutes(5)))
    func `Processes of ours and of deltalake commit to one table at once, and nothing is lost or doubled`() async throws
    {
        try await sample.other("create-plain")
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        let days = 12
        let firsts = (0..<3).map { DeltaSample.key.advanced(by: 10 + $0 * days) }
        let ours = try firsts.enumerated().map { number, first in
            try RunningProcess(
                RunningProcess.built("DeltaProbe"),
                ["backfill", sample.root, first.description, "\(days)", "\(100 * (number + 1))", file, "3"])
        }
        // Meanwhile the other program appends to a day of its own.
        for _ in 0..<4 { try await sample.other("append", "2024-01-03", "1") }
        for process in ours {
            #expect(try await process.wait(timeout: .seconds(240)) == .exited(0))
            #expect(process.output.hasPrefix("published \(days)"), "\(process.output)")
        }
        // Three versions of the creation, one for each day of ours, four of the other program.
        #expect(sample.versions == (0..<Int64(3 + 3 * days + 4)).map { $0 })
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 9 + 4 + 3 * 3 * days)
        #expect(read.duckdb == read.deltalake)
    }

    private func prepare(replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        // A dead attempt's staging, so that there is something to revoke.
        _ = try sample.table().begin(DeltaSample.key, writer: .attempt(2))
    }

    private func probe(fence: Int64, fault: String) throws -> RunningProcess {
        let file = sample.folder.appending("sample.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        return try RunningProcess(
            RunningProcess.built("DeltaProbe"),
            ["publish", sample.root, "2024-01-01", "\(fence)", Writer.attempt(fence).claimID.uuidString, file, "3"],
            environment: ["REPROCESS_FAULT": fault])
    }

    /// Waits until the kernel says that a process is stopped.
    private func waitUntilStopped(_ process: RunningProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let status = try String(contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)
            // The state follows the name, which is in parentheses (proc_pid_stat(5)).
            let state = status.split(separator: ")").last?.split(separator: " ").first
            if state == "T" { return }
            try #require(state != "Z", "the process ended: \(process.output)")
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the process has not stopped: \(process.output)")
    }
}

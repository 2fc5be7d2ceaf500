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

    @Test(arguments: DeltaGroupInterleavingTests.points)
    func `After kill -9 of a group each of its days is old or new, and the successors adopt or replace them`(
        point: FaultPoint
    ) async throws {
        let days = (0..<3).map { DeltaSample.key.advanced(by: $0) }
        try sample.publish(1)
        let probe = try group(fault: "\(point.rawValue):kill")
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL), "\(probe.output)")

        let wasCommitted = Self.isCommitted.contains(point)
        let table = try sample.table()
        // The first day's generation, and that of the day whose attempt had the lead at first.
        #expect(sample.versions.count == (wasCommitted ? 3 : 2))
        for (number, day) in days.enumerated() {
            let left = try table.current(day)?.writer?.fence
            #expect(left == (wasCommitted ? Int64(101 + number) : number == 0 ? 1 : nil))
            let staging = try table.begin(day, writer: .attempt(200))
            #expect(try table.current(day)?.writer?.fence == left)
            if wasCommitted {
                #expect(try table.current(day)?.rows == 3)
                try table.discard(staging)
            } else {
                try DeltaSample.stage(staging)
                #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(200))
            }
            let names = DeltaSample.names(in: "\(sample.sibling)/staging/\(day)")
            #expect(names.allSatisfy { $0.hasSuffix(".ended") }, "\(names)")
        }
        // One for each of the three days and the opener's, and the first one, which was replaced. Nothing else is left.
        #expect(sample.dataFiles.count == 5)
        #expect(DeltaSample.names(in: sample.sibling + "/groups").isEmpty || point == .groupMade)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 4 * 3)
    }

    @Test(arguments: DeltaGroupInterleavingTests.points)
    func `A group that was stopped at any point and wakes up later commits only who was not replaced`(
        point: FaultPoint
    ) async throws {
        let days = (0..<3).map { DeltaSample.key.advanced(by: $0) }
        try sample.publish(1)
        let probe = try group(fault: "\(point.rawValue):stop")
        try await waitUntilStopped(probe)

        // A stopped leader blocks nobody: not a day of its own group, and not another one.
        #expect(try sample.publish(200, days[1]).generation?.writer == .attempt(200))
        #expect(try sample.publish(201, DeltaSample.key.advanced(by: 9)).generation?.writer == .attempt(201))
        probe.send(SIGCONT)
        #expect(try await probe.wait(timeout: .seconds(120)) == .exited(0))
        let isFenced = !Self.isCommitted.contains(point)
        #expect(probe.output.contains("2024-01-02 \(isFenced ? "fenced 200" : "published")"), "\(probe.output)")
        #expect(probe.output.contains("2024-01-01 published") && probe.output.contains("2024-01-03 published"))
        let table = try sample.table()
        for (day, fence) in zip(days, [Int64(101), 200, 103]) {
            #expect(try table.current(day)?.writer?.fence == fence)
            #expect(try table.current(day)?.files.count == 1)
        }
        #expect(try sample.fences(of: days[1]) == (isFenced ? [200] : [102, 200]))
        #expect(DeltaSample.names(in: sample.sibling + "/groups").isEmpty)
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

    /// A process whose attempts at the first three days commit together.
    private func group(fault: String) throws -> RunningProcess {
        let file = sample.folder.appending("sample.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        return try RunningProcess(
            RunningProcess.built("DeltaProbe"), ["group", sample.root, "2024-01-01", "3", "100", file, "3"],
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

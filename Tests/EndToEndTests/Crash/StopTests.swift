import FaultPoints
import Foundation
import TestSupport
import Testing

/// A run that is stopped at a named step, is overtaken, and wakes up.
@Suite(.timeLimit(.minutes(5))) struct StopTests {
    /// All but the one inside of a migration's transaction, whose lock the others wait for.
    private static let faults = FaultOnTable.all.filter { $0.point != .migrating }
    /// Where a sleeper may have published what its successor, of another version, does not want.
    private static let faultsAroundPublish =
        [
            .claimed, .begun, .staged, .recordWritten, .aboutToExchange, .exchanged, .exchangeSynced, .replacedArchived,
            .published, .recordSent,
        ].map { FaultOnTable(format: .hive, point: $0) }
        + [.begun, .filesMoved, .aboutToCommit, .committed, .commitSynced, .published].map {
            FaultOnTable(format: .delta, point: $0)
        }

    @Test(arguments: faults)
    func `A run that was stopped at any step and overtaken changes nothing when it wakes up`(
        fault: FaultOnTable
    ) async throws {
        try await overtake(at: fault, by: .second)
    }

    @Test(arguments: faultsAroundPublish)
    func `A run that was overtaken by another version of the transform changes nothing when it wakes up`(
        fault: FaultOnTable
    ) async throws {
        try await overtake(at: fault, by: .third)
    }

    private func overtake(at fault: FaultOnTable, by version: OrdersVersion) async throws {
        let point = fault.point
        let road = point.road
        let crash = try await CrashProject(for: road, fault.format)
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second, road.pace)
        if case .lostWorker(let earlier) = road.start {
            try await crash.kill(at: earlier)
            try await history.look()
        }
        try crash.pause(crash.keys.suffix(1), for: .seconds(3))
        let sleeper = try await crash.start(to: point, "stop", arrival: road.later == nil ? 1 : min(road.later ?? 1, 2))
        try await sleeper.waitUntilStopped()
        // What it has asked of the server is done, whether it knows or not.
        try await eventually { try await crash.workingConnections(of: sleeper).isEmpty }
        let stopped = try await history.look()

        try crash.pause([], for: .zero)
        try crash.use(version, road.quickPace)
        let output = try await crash.finish()
        try await history.checkEnd(version)
        let unrecorded = stopped.partitions.filter {
            $1.version == .second && stopped.rows[$0]?.status != "COMPLETE"
        }
        let adopted = output.components(separatedBy: "\"adopted\":true").count - 1
        #expect(adopted == (version == .second ? unrecorded.count : 0))

        let before = try #require(history.seen.last)
        sleeper.send(SIGCONT)
        let end = try await sleeper.wait()
        // A run whose partitions another version has completed does not end as if it had made them.
        let isSuperseded = version != .second && point.exitCodeOfSleeper == 0
        let code = isSuperseded ? 1 : point.exitCodeOfSleeper
        #expect(end == .exited(code), "\(sleeper.output)\n\(sleeper.errorOutput)")
        for attempt in stopped.running where attempt.isOf(sleeper) {
            let events = sleeper.events(of: attempt.key)
            #expect(!Set(events).isDisjoint(with: ["lost", "released"]), "\(attempt.key): \(events)")
        }
        let after = try await history.look()
        #expect(after.partitions == before.partitions)
        #expect(after.rows == before.rows)
        #expect(after.attempts == before.attempts)
        #expect(after.publishers == before.publishers)
        #expect(after.unfinishedStagings.isSubset(of: before.unfinishedStagings))
        try await history.checkEnd(version)
    }
}

extension CrashProject {
    /// The server's processes that are carrying out what a process asked.
    func workingConnections(of process: RunningProcess) async throws -> [[String?]] {
        try await project.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE application_name LIKE 'reprocess %:\(process.id):%' AND state <> 'idle'
            """)
    }
}

extension FaultRoad {
    /// The pace of those who come after a process that never ends by itself.
    fileprivate var quickPace: OrdersVersion.Pace {
        if case .endless = pace { .quick } else { pace }
    }
}

extension FaultPoint {
    /// How a run ends that was stopped here and overtaken.
    fileprivate var exitCodeOfSleeper: Int32 {
        switch self {
        // The mark was made before it slept: for this run the partition has failed.
        case .failed: 1
        // Ctrl-C has come before it slept.
        case .releasing, .released: 130
        default: 0
        }
    }
}

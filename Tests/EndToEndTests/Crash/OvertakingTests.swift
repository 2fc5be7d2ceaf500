import FaultPoints
import Foundation
import TestSupport
import Testing

/// A run wakes up while the one that overtook it is in the middle of the same partition.
@Suite(.timeLimit(.minutes(5))) struct OvertakingTests {
    /// Where the first one sleeps, and where the second one stands when it wakes up.
    private static let hivePairs: [(FaultPoint, FaultPoint)] =
        [.claimed, .fenceInstalled, .floorSeen, .begun, .staged, .aboutToExchange, .published]
        .map { (.aboutToExchange, $0) }
        + [.staged, .failing].flatMap { first in [.claimed, .staged].map { (first, $0) } }
        + [.exchanged, .published].flatMap { first in [.claimed, .adopting].map { (first, $0) } }
    private static let deltaPairs: [(FaultPoint, FaultPoint)] =
        [.claimed, .fenceInstalled, .floorSeen, .begun, .staged, .filesMoved, .aboutToCommit, .published]
        .map { (.aboutToCommit, $0) }
        + [.filesMoved].flatMap { first in [.claimed, .floorSeen, .staged, .committed].map { (first, $0) } }
        + [.committed, .commitSynced, .published].flatMap { first in [.claimed, .adopting].map { (first, $0) } }
    private static let cases: [(TableFormat, FaultPoint, FaultPoint)] =
        hivePairs.map { (.hive, $0, $1) } + deltaPairs.map { (.delta, $0, $1) }

    @Test(arguments: cases)
    func
        `A run that wakes up while its successor is at work does not touch the ledger, nor what the successor has seen`(
            format: TableFormat, first: FaultPoint, second: FaultPoint
        ) async throws
    {
        let crash = try await CrashProject(days: "2024-01-01"..."2024-01-01", format: format)
        let key = crash.keys[0]
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second)
        let sleeper = try await crash.start(to: first, "stop")
        try await sleeper.waitUntilStopped()
        // It holds its lease while it stands there, so that the other one cannot take the partition back.
        let successor = try crash.start(fault: "\(second.rawValue):stop", lease: "90s")
        try await successor.waitUntilStopped()
        let between = try await history.look()
        #expect(between.rows[key]?.status == "RUNNING")

        sleeper.send(SIGCONT)
        try await sleeper.wait(untilOutputContains: "\"lost\"")
        let awake = try await history.look()
        #expect(awake.rows == between.rows)
        #expect(awake.attempts == between.attempts)
        // Until the successor has revoked what it finds, a publish of the sleeper is in time.
        let isInTime = [.claimed, .fenceInstalled, .floorSeen].contains(second)
        if !isInTime { #expect(awake.partitions == between.partitions) }

        successor.send(SIGCONT)
        for process in [successor, sleeper] {
            #expect(try await process.wait() == .exited(0), "\(process.output)\n\(process.errorOutput)")
        }
        #expect(sleeper.events(of: key) == ["claimed", "lost", "finished_elsewhere"])
        try await history.checkEnd(.second, survivor: successor)
    }
}

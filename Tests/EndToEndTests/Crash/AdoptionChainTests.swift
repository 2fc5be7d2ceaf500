import FaultPoints
import TestSupport
import Testing

/// A worker dies after its publish, the one that takes over dies too, and a third one comes.
@Suite(.timeLimit(.minutes(5))) struct AdoptionChainTests {
    /// Where the second one dies, by where the first one did.
    private static let hiveChains: [(FaultPoint, FaultPoint)] =
        [.claimSent, .claimed, .fenceInstalled, .floorSeen, .begun, .adopting, .recordSent].map { (.published, $0) }
        + [.fenceInstalled, .stagingRevoked, .exchangeSynced, .recordSettled, .adopting].map { (.exchanged, $0) }
    private static let deltaChains: [(FaultPoint, FaultPoint)] =
        [.fenceInstalled, .adopting].map { (.published, $0) }
        + [.fenceInstalled, .floorSeen, .begun, .adopting, .recordSent].map { (.committed, $0) }
    private static let chains: [(TableFormat, FaultPoint, FaultPoint)] =
        hiveChains.map { (.hive, $0, $1) } + deltaChains.map { (.delta, $0, $1) }

    @Test(arguments: chains)
    func `What a dead worker published is adopted through a chain of deaths, and not made again`(
        format: TableFormat, first: FaultPoint, second: FaultPoint
    ) async throws {
        let crash = try await CrashProject(days: "2024-01-01"..."2024-01-01", format: format)
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second)
        try await crash.kill(at: first)
        let published = try await history.look()
        try await crash.letLeasesEnd()
        #expect(published.partitions.values.map(\.version) == [.second])
        #expect(published.rows.values.map(\.status) == ["RUNNING"])
        let taker = try crash.start(fault: "\(second.rawValue):kill")
        try await crash.awaitDeath(of: taker)
        #expect(taker.output.contains("\"completed\"") == false)
        try await history.look()
        try await crash.letLeasesEnd()
        try await crash.finish()
        try await history.checkEnd(.second)
        try await history.checkCleaned()
        let adopted = history.seen.last?.attempts.filter { $0.outcome == "ADOPTED" } ?? []
        #expect(adopted.count == 1)
        #expect(history.seen.last?.partitions == published.partitions)
    }
}

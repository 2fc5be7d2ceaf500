import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real processes that hold and approve, killed at every point.
@Suite(.serialized) struct DeltaHoldProcessTests {
    private static let key = DeltaSample.key
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test(arguments: FaultPoint.begin + FaultPoint.hold)
    func `After kill -9 of a hold there is something held, or a staging that cleaning finds`(
        point: FaultPoint
    ) async throws {
        try prepare()
        let probe = try probe("hold", fence: 3, fault: "\(point.rawValue):kill")
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL), "\(probe.output)")
        let table = try sample.table()
        #expect(try table.current(Self.key)?.writer == .attempt(1))
        let isHeld = [.setAside, .heldDurable].contains(point)
        #expect(try table.held(Self.key, by: .attempt(3))?.files.count == (isHeld ? 1 : nil))
        let items = try table.leftovers(of: Self.key).items.filter { $0.writer == .attempt(3) }
        #expect(items.contains { $0.kind == .held } == isHeld)
        // The ledger knows nothing of it: to the ledger the attempt ended in some other way.
        let rule = CleaningRule(keep: .zero)
        for item in rule.decide(
            PartitionLeftovers(key: Self.key, items: items), standings: [.attempt(3): .ended(ago: .zero)]
        ).removable { _ = try table.remove(item, of: Self.key) }
        #expect(try table.held(Self.key, by: .attempt(3)) == nil)
        #expect(throws: TableError.self) { try sample.publish(2) }
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
        #expect(DeltaSample.paths(below: sample.sibling).filter { $0.hasSuffix(".parquet") }.isEmpty)
        #expect(sample.dataFiles.count == 2)
    }

    @Test(arguments: FaultPoint.delta + FaultPoint.deciding)
    func `After kill -9 of an approval the partition is old or new, and what is held is whole or gone`(
        point: FaultPoint
    ) async throws {
        try prepare()
        let held = try sample.table().begin(Self.key, writer: .attempt(3))
        try DeltaSample.stage(held)
        _ = try sample.table().hold(held)
        // A dead attempt, so that there is something to revoke.
        _ = try sample.table().begin(Self.key, writer: .attempt(4))
        let probe = try probe("approve", fence: 5, fault: "\(point.rawValue):kill", of: 3)
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL), "\(probe.output)")

        let table = try sample.table()
        let isPublished = [.committed, .commitSynced, .attemptEnded, .heldDoomed].contains(point)
        #expect(try table.current(Self.key)?.writer == .attempt(isPublished ? 5 : 1))
        #expect(try table.held(Self.key, by: .attempt(3))?.files.count == (point == .heldDoomed ? nil : 1))
        let staging = try table.begin(Self.key, writer: .attempt(6))
        if point == .heldDoomed {
            try table.discard(staging)
        } else {
            try table.stageHeld(by: .attempt(3), into: staging)
            #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(6))
            try table.dropHeld(Self.key, by: .attempt(3))
        }
        #expect(try table.current(Self.key)?.rows == 3)
        #expect(sample.dataFiles.count == (isPublished && point != .heldDoomed ? 3 : 2))
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 3 && read.duckdb == read.deltalake)
    }

    private func prepare() throws {
        try sample.publish(1)
        // A dead attempt's staging, so that there is something to revoke.
        _ = try sample.table().begin(Self.key, writer: .attempt(2))
    }

    private func probe(_ action: String, fence: Int64, fault: String, of other: Int64? = nil) throws -> RunningProcess {
        let file = sample.folder.appending("sample.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        let arguments =
            [action, sample.root, "2024-01-01", "\(fence)", Writer.attempt(fence).claimID.uuidString, file, "3"]
            + (other.map { ["\($0)", Writer.attempt($0).claimID.uuidString] } ?? [])
        return try RunningProcess(
            RunningProcess.built("DeltaProbe"), arguments, environment: ["REPROCESS_FAULT": fault])
    }
}

import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real processes that hold, approve and undo, killed or stopped at every point.
@Suite(.serialized) struct HoldProcessTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test(arguments: FaultPoint.beginPoints + FaultPoint.hold)
    func `After kill -9 of a hold there is something held, or a staging that cleaning finds`(point: FaultPoint) throws {
        try prepare()
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):kill", then: ["hold"])
        #expect(try probe.waitForChange() == .killed(SIGKILL))

        let table = try sample.table()
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
        let isHeld = [.setAside, .heldDurable].contains(point)
        #expect(try table.held(Sample.key, by: .attempt(3))?.files.count == (isHeld ? 1 : nil))
        let kinds = try table.leftovers(of: Sample.key).items.filter { $0.writer == .attempt(3) }.map(\.kind)
        #expect(kinds == (isHeld ? [.held] : FaultPoint.hold.contains(point) ? [.staging] : []))
        // The ledger knows nothing of it: to the ledger the attempt ended in some other way.
        try sample.clean(everyAttempt: .ended(ago: .zero))
        #expect(try table.held(Sample.key, by: .attempt(3)) == nil)
        #expect(try !sample.canBegin(2))
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
        #expect(Sample.paths(below: sample.sibling).filter { $0.hasSuffix(".parquet") }.count == 1)
    }

    @Test(arguments: FaultPoint.table + FaultPoint.deciding)
    func `After kill -9 of an approval the partition is old or new, and what is held is whole or gone`(
        point: FaultPoint
    ) throws {
        try prepare()
        try hold(3)
        let other = Writer.attempt(3)
        let probe = try ProbeProcess(
            sample, fence: 4, fault: "\(point.rawValue):kill", then: ["approve", "3", other.claimID.uuidString])
        // There is nothing to revoke: the fence of the held attempt is a mere name.
        if point == .stagingRevoked {
            #expect(try probe.waitForChange() == .exited(0))
        } else {
            #expect(try probe.waitForChange() == .killed(SIGKILL))
        }
        let table = try sample.table()
        let isPublished =
            FaultPoint.publishPoints.drop { $0 != .exchanged }.contains(point)
            || [.heldDoomed, .stagingRevoked].contains(point)
        #expect(try table.current(Sample.key)?.writer == .attempt(isPublished ? 4 : 1))
        let isDropped = [.heldDoomed, .stagingRevoked].contains(point)
        #expect(try table.held(Sample.key, by: other)?.files.count == (isDropped ? nil : 1))
        let staging = try table.begin(Sample.key, writer: .attempt(5))
        if !isDropped {
            try table.stageHeld(by: other, into: staging)
            #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(5))
            try table.dropHeld(Sample.key, by: other)
        } else {
            try table.discard(staging)
        }
        try sample.clean(everyAttempt: .ended(ago: .zero), keep: .zero)
        #expect(Sample.paths(below: sample.sibling).filter { $0.hasSuffix(".parquet") }.isEmpty)
        #expect(Sample.names(in: sample.partition).count == 1)
    }

    @Test(arguments: FaultPoint.beginPoints + FaultPoint.hold)
    func `A hold that was stopped and wakes up after others changes nothing`(point: FaultPoint) throws {
        try prepare()
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):stop", then: ["hold"])
        #expect(try probe.waitForChange() == .stopped)
        let published = try #require(try sample.publish(4).generation)
        probe.wake()
        #expect(try probe.waitForChange() == .exited(0))
        let isHeld = [.setAside, .heldDurable].contains(point)
        let text = try probe.text()
        #expect(text.hasPrefix(isHeld ? "held 1" : "f"), "the probe said: \(text)")
        #expect(try sample.table().held(Sample.key, by: .attempt(3))?.files.count == (isHeld ? 1 : nil))
        #expect(try sample.table().current(Sample.key) == published)
        #expect(try !sample.canBegin(3))
    }

    private func prepare() throws {
        try sample.publish(1)
        // A dead attempt's staging, so that there is something to revoke.
        _ = try sample.table().begin(Sample.key, writer: .attempt(2))
    }

    private func hold(_ fence: Int64) throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.stage(staging)
        _ = try table.hold(staging)
    }
}

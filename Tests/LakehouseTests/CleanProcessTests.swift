import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real processes that are stopped at every point, taken for dead by a cleaning, and wake up.
@Suite(.serialized) struct CleanProcessTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test(arguments: FaultPoint.publishPoints, [true, false])
    func `A process that was cleaned away while it slept publishes nothing when it wakes`(
        point: FaultPoint, replaces: Bool
    ) throws {
        if replaces { try sample.publish(1) }
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):stop")
        #expect(try probe.waitForChange() == .stopped)
        let before = try sample.table().current(Sample.key)
        let wasPublished = FaultPoint.publishPoints.drop { $0 != .exchanged }.contains(point)
        #expect(before?.writer == (wasPublished ? .attempt(3) : replaces ? .attempt(1) : nil))

        try sample.clean(everyAttempt: .lapsed, keep: .zero)
        #expect(try sample.table().current(Sample.key)?.files == before?.files)
        probe.wake()
        #expect(try probe.waitForChange() == .exited(0))

        let text = try probe.text()
        #expect(text.hasPrefix(wasPublished ? "published" : "failed"), "the probe said: \(text)")
        #expect(try sample.table().current(Sample.key)?.files == before?.files)
        #expect(try sample.canBegin(2) == false)
        // What it left when it woke is in nobody's way, and is found.
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
        try sample.clean(keep: .zero)
        #expect(sample.stagingNames.map { $0.prefix(2) } == ["4."])
        #expect(try sample.table().current(Sample.key)?.rows == 3)
    }

    @Test(arguments: [FaultPoint.stagingSynced, .exchanged], [true, false])
    func `What a killed process left is settled, and the next attempt goes on from there`(
        point: FaultPoint, replaces: Bool
    ) throws {
        if replaces { try sample.publish(1) }
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):kill")
        #expect(try probe.waitForChange() == .killed(SIGKILL))
        #expect(try sample.clean(everyAttempt: .lapsed, keep: .zero).count == 1)
        let left: Writer? = point == .exchanged ? .attempt(3) : replaces ? .attempt(1) : nil
        #expect(try sample.table().current(Sample.key)?.writer == left)
        #expect(Sample.names(in: sample.stagings).allSatisfy { !$0.contains("publishing") && !$0.contains("revoked") })
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
    }
}

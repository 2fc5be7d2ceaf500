import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real processes that are killed or stopped at every point, and a successor that takes over.
@Suite(.serialized) struct ProcessTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test(arguments: FaultPoint.table, [true, false])
    func `After kill -9 the partition is old or new, and the successor adopts or replaces it`(
        point: FaultPoint, replaces: Bool
    ) throws {
        try prepare(replaces: replaces)
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):kill")
        #expect(try probe.waitForChange() == .killed(SIGKILL))

        let table = try sample.table()
        let left = try table.current(Sample.key)?.writer
        let wasPublished = FaultPoint.publishPoints.drop { $0 != .exchanged }.contains(point)
        #expect(left == (wasPublished ? .attempt(3) : replaces ? .attempt(1) : nil))

        let staging = try table.begin(Sample.key, writer: .attempt(4))
        #expect(try table.current(Sample.key)?.writer == left)
        if wasPublished {
            // Adopted: the predecessor's generation is on the disk and says so.
            #expect(try table.current(Sample.key)?.rows == 3)
            #expect(Sample.names(in: sample.stagings).contains { $0.hasPrefix(Writer.attempt(3).text + ".published-") })
            try table.discard(staging)
        } else {
            try Sample.stage(staging)
            #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(4))
        }
        #expect(Sample.names(in: sample.partition).count == 1)
        let kept = Sample.paths(below: sample.sibling + "/previous").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (replaces ? 1 : 0))
    }

    @Test(arguments: FaultPoint.table, [true, false])
    func `A process that was stopped at any point and wakes up later changes nothing`(
        point: FaultPoint, replaces: Bool
    ) throws {
        try prepare(replaces: replaces)
        let probe = try ProbeProcess(sample, fence: 3, fault: "\(point.rawValue):stop")
        #expect(try probe.waitForChange() == .stopped)

        let published = try #require(try sample.publish(4).generation)
        probe.wake()
        #expect(try probe.waitForChange() == .exited(0))
        let text = try probe.text()
        let wasPublished = FaultPoint.publishPoints.drop { $0 != .exchanged }.contains(point)
        let isRevokedBeforeStaging = FaultPoint.beginPoints.contains(point)
        #expect(
            wasPublished
                ? text == "published \(Writer.attempt(3).text)"
                : text.hasPrefix(isRevokedBeforeStaging ? "f" : "fenced 4"), "the probe said: \(text)")
        #expect(try sample.table().current(Sample.key) == published)
        let kept = Sample.paths(below: sample.sibling + "/previous").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (replaces ? 1 : 0) + (wasPublished ? 1 : 0))
    }

    @Test func `A stopped process blocks nobody while it is in the middle of its publish`() throws {
        try prepare(replaces: true)
        let probe = try ProbeProcess(sample, fence: 3, fault: "aboutToExchange:stop")
        #expect(try probe.waitForChange() == .stopped)
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
        #expect(try sample.publish(5, Sample.key.next).generation?.writer == .attempt(5))
        probe.wake()
        #expect(try probe.waitForChange() == .exited(0))
    }

    private func prepare(replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        // A dead attempt's staging, so that there is something to revoke.
        _ = try sample.table().begin(Sample.key, writer: .attempt(2))
    }
}

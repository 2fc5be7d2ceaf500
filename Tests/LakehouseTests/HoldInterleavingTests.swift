import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Holding, approving and putting back, paused at every point while others go on.
@Suite struct HoldInterleavingTests {
    private static let holding = FaultPoint.beginPoints + FaultPoint.hold
    private static let restaging = FaultPoint.table + FaultPoint.deciding

    @Test(arguments: holding, [true, false])
    func `A staging is held whole or taken away, and the higher fence goes on`(
        first: FaultPoint, replaces: Bool
    ) throws {
        for second in FaultPoint.table {
            let sample = try Sample(in: "/dev/shm")
            if replaces { try sample.publish(1) }
            // A dead attempt's staging, so that there is something to revoke.
            _ = try sample.table().begin(Sample.key, writer: .attempt(2))
            let context: Comment = "holding, paused at \(first), higher paused at \(second), replacing: \(replaces)"
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first, .hold)
            lower.waitUntilPausedOrDone()
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            higher.waitUntilPausedOrDone()
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())

            #expect(higherResult == .published, context)
            #expect(lowerResult == .held || lowerResult == .fenced, context)
            #expect(try sample.table().current(Sample.key)?.writer == .attempt(4), context)
            #expect(Sample.names(in: sample.partition).count == 1, context)
            let held = try sample.table().held(Sample.key, by: .attempt(3))
            #expect(held?.files.count == (lowerResult == .held ? 1 : nil), context)
            let left = Sample.names(in: sample.stagings).filter { !$0.contains(".published-") }
            #expect(left.allSatisfy { $0 == Writer.attempt(3).text + ".floor" }, context)
            #expect(try !sample.canBegin(3), context)
        }
    }

    @Test(arguments: holding)
    func `A cleaning beside it takes the staging or leaves it, and never half of it`(point: FaultPoint) throws {
        let sample = try Sample(in: "/dev/shm")
        try sample.publish(1)
        let attempt = PausedAttempt(sample, fence: 3, pausedAt: point, .hold)
        attempt.waitUntilPausedOrDone()
        try sample.clean(everyAttempt: .lapsed)
        let result = attempt.finish()

        // As long as it has staged nothing, there is nothing to take away.
        let isTaken = [.heldSynced, .aboutToHold].contains(point)
        if isTaken {
            guard case .failed(let reason) = result else { return #expect(result == .failed(""), "\(point)") }
            #expect(reason.contains("has no staging"))
        } else {
            #expect(result == .held)
        }
        let held = try sample.table().held(Sample.key, by: .attempt(3))
        #expect(held?.files.count == (isTaken ? nil : 1))
        #expect(try !sample.canBegin(2) && !sample.canBegin(3))
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
    }

    @Test(arguments: restaging)
    func `An approval that is overtaken publishes before, or nothing, and what is held stays until it is published`(
        first: FaultPoint
    ) throws {
        for second in FaultPoint.table {
            let sample = try Sample(in: "/dev/shm")
            try sample.publish(1)
            try hold(sample, 2)
            let context: Comment = "approving, paused at \(first), higher paused at \(second)"
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first, .approve(.attempt(2)))
            lower.waitUntilPausedOrDone()
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            higher.waitUntilPausedOrDone()
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())

            #expect(higherResult == .published, context)
            #expect(lowerResult == .published || lowerResult == .fenced, context)
            #expect(!higher.sawChangeAfterBegin, context)
            #expect(try sample.table().current(Sample.key)?.writer == .attempt(4), context)
            let held = try sample.table().held(Sample.key, by: .attempt(2))
            #expect((held == nil) == (lowerResult == .published), context)
            let kept = Sample.paths(below: sample.previous).filter { $0.hasSuffix(".parquet") }
            #expect(kept.count == (lowerResult == .published ? 2 : 1), context)
            // The floor of the held attempt may stay: it is a name of a lower fence.
            let left = Sample.names(in: sample.stagings).filter { !$0.contains(".published-") }
            #expect(left == [Writer.attempt(2).text + ".floor"], context)
        }
    }

    @Test(arguments: restaging.filter { $0 != .heldDoomed })
    func `Putting back beside a cleaning and a higher fence is whole or nothing`(first: FaultPoint) throws {
        let sample = try Sample(in: "/dev/shm")
        try sample.publish(1)
        try sample.publish(2)
        // A dead attempt's staging, so that there is something to revoke.
        _ = try sample.table().begin(Sample.key, writer: .attempt(3))
        let attempt = PausedAttempt(sample, fence: 4, pausedAt: first, .undo(.attempt(2)))
        attempt.waitUntilPausedOrDone()
        try sample.clean(everyAttempt: .ended(ago: .seconds(60)), but: [4: .live], keep: .zero)
        let result = attempt.finish()
        // Once the files have their other names, it does not matter that the first ones go.
        let isTooLate = FaultPoint.beginPoints.contains(first)
        if isTooLate {
            guard case .failed(let reason) = result else { return #expect(result == .failed(""), "\(first)") }
            #expect(reason.contains("'clean' has removed"))
        } else {
            #expect(result == .published)
        }
        let current = try sample.table().current(Sample.key)
        #expect(current?.writer == .attempt(isTooLate ? 2 : 4) && current?.files.count == 1)
        #expect(try sample.publish(5).generation?.writer == .attempt(5))
    }

    private func hold(_ sample: Sample, _ fence: Int64) throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.stage(staging)
        _ = try table.hold(staging)
    }
}

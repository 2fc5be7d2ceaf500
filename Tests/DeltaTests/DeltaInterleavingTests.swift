import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Two attempts, each paused at every point while the other goes on.
@Suite struct DeltaInterleavingTests {
    @Test(arguments: FaultPoint.delta, [true, false])
    func `The higher fence of one partition wins, whatever was in between`(first: FaultPoint, replaces: Bool) throws {
        for second in FaultPoint.delta {
            // In memory: what is tested is the order of steps, not the disk.
            let sample = try DeltaSample(in: "/dev/shm")
            if replaces { try sample.publish(1) }
            // A dead attempt's staging, so that there is something to revoke.
            _ = try sample.table().begin(DeltaSample.key, writer: .attempt(2))
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first)
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            let context: Comment = "lower paused at \(first), higher at \(second), replacing: \(replaces)"
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())

            #expect(higherResult == .published, context)
            #expect(lowerResult == .published || lowerResult == .fenced, context)
            #expect(!higher.sawChangeAfterBegin, context)
            let current = try sample.table().current(DeltaSample.key)
            #expect(current?.writer == .attempt(4) && current?.rows == 3, context)
            let commits = (replaces ? 1 : 0) + (lowerResult == .published ? 2 : 1)
            #expect(sample.versions == (0..<Int64(commits)).map { $0 }, context)
            // Each entry removes all that the one before it added, so no row is there twice.
            for version in 1..<max(1, commits) {
                let removed = try sample.paths("remove", in: version)
                #expect(try removed == sample.paths("add", in: version - 1), context)
            }
            let left = DeltaSample.names(in: sample.attempts)
            #expect(left.allSatisfy { $0.hasSuffix(".ended") }, context)
            #expect(left.contains(Writer.attempt(4).text + ".ended"), context)
        }
    }

    @Test(arguments: FaultPoint.delta)
    func `Two partitions never stand in each other's way, also where both make the table`(first: FaultPoint) throws {
        for second in FaultPoint.delta {
            for exists in [true, false] {
                let sample = try DeltaSample(in: "/dev/shm")
                if exists { try sample.publish(1, DeltaSample.key.advanced(by: 2)) }
                let context: Comment = "one paused at \(first), the other at \(second), table exists: \(exists)"
                let one = PausedAttempt(sample, fence: 3, pausedAt: first)
                let other = PausedAttempt(sample, DeltaSample.key.next, fence: 4, pausedAt: second)
                #expect(one.finish() == .published, context)
                #expect(other.finish() == .published, context)
                #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(3), context)
                #expect(try sample.table().current(DeltaSample.key.next)?.writer == .attempt(4), context)
                #expect(sample.versions.count == (exists ? 3 : 2), context)
            }
        }
    }
}

extension DeltaSample {
    /// The paths in the adds or removes of an entry.
    fileprivate func paths(_ action: String, in version: Int) throws -> [String] {
        try actions(of: version).compactMap { ($0[action] as? [String: Any])?["path"] as? String }.sorted()
    }
}

import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// A group of attempts and a higher fence of one of its members, each paused at every point while the other goes on.
@Suite struct DeltaGroupInterleavingTests {
    /// Every point that a group comes to.
    static let points =
        FaultPoint.deltaGroup + [.entryWritten, .aboutToCommit, .committed, .commitSynced, .attemptEnded]

    @Test(arguments: points, [true, false])
    func `The higher fence of a member wins, and the other members are committed all the same`(
        first: FaultPoint, groupGoesFirst: Bool
    ) throws {
        for second in FaultPoint.delta {
            // In memory: what is tested is the order of steps, not the disk.
            let sample = try DeltaSample(in: "/dev/shm")
            let (day, others) = (DeltaSample.key, (1..<3).map { DeltaSample.key.advanced(by: $0) })
            try sample.publish(1)
            let group = try GroupedAttempts(sample, [others[0]: 5, day: 3, others[1]: 6], pausedAt: first)
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            let context: Comment = "group paused at \(first), higher fence at \(second), group first: \(groupGoesFirst)"
            var results: [PartitionKey: GroupedAttempts.Result] = [:]
            if groupGoesFirst { results = group.finish() }
            #expect(higher.finish() == .published, context)
            if !groupGoesFirst { results = group.finish() }

            #expect(results[day] == .published || results[day] == .fenced, context)
            #expect(!higher.sawChangeAfterBegin, context)
            let table = try sample.table()
            #expect(try table.current(day)?.writer == .attempt(4), context)
            for (other, fence) in zip(others, [Int64(5), 6]) {
                #expect(results[other] == .published, context)
                #expect(try table.current(other)?.writer == .attempt(fence), context)
                #expect(try sample.fences(of: other) == [fence], context)
            }
            #expect(try sample.fences(of: day) == (results[day] == .published ? [1, 3, 4] : [1, 4]), context)
            for key in [day] + others {
                #expect(try table.current(key)?.rows == 3 && table.current(key)?.files.count == 1, context)
                let left = DeltaSample.names(in: "\(sample.sibling)/staging/\(key)")
                #expect(left.allSatisfy { $0.hasSuffix(".ended") }, "\(left), \(context)")
            }
            #expect(DeltaSample.names(in: sample.sibling + "/groups").isEmpty, context)
            #expect(sample.versions == (0..<Int64(sample.versions.count)).map { $0 }, context)
        }
    }
}

extension DeltaSample {
    /// The fences that the log has counted for a day, in their order.
    func fences(of key: PartitionKey) throws -> [Int64] {
        try versions.flatMap { try actions(of: Int($0)) }.compactMap { action in
            guard let count = action["txn"] as? [String: Any], let name = count["appId"] as? String,
                name.hasSuffix("/\(key)")
            else { return nil }
            return (count["version"] as? NSNumber)?.int64Value
        }
    }
}

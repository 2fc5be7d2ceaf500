import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What a dead attempt left is judged by what is sure: histories that the simulation of the protocol has found.
@Suite struct SettlingTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    /// An attempt that writes its record after a successor took its staging away, and after that one died clearing it.
    @Test(arguments: [true, false])
    func `A revoked folder without files is not kept as a generation that was replaced`(replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        let late = try sample.table { [sample] point in
            guard point == .filesNamed else { return }
            let successor = try sample.table { if $0 == .stagingRevoked { throw Died() } }
            #expect(throws: Died.self) { try successor.begin(Sample.key, writer: .attempt(6)) }
            let revoked = sample.stagings + "/" + Writer.attempt(5).text + ".revoked"
            // As far as the successor came with its removal.
            for name in Sample.names(in: revoked) {
                try FileManager.default.removeItem(atPath: revoked + "/" + name)
            }
        }
        let staging = try late.begin(Sample.key, writer: .attempt(5))
        try Sample.stage(staging)
        #expect(try late.publish(staging, rows: 3) == .fenced(by: 6))
        #expect(Sample.names(in: sample.stagings).contains { $0.hasPrefix(Writer.attempt(5).text + ".publishing-") })

        _ = try sample.table().begin(Sample.key, writer: .attempt(7))
        let left = Sample.names(in: sample.stagings).filter { $0.hasPrefix(Writer.attempt(5).text) }
        #expect(left.isEmpty)
        #expect(Sample.names(in: sample.sibling + "/previous/2024-01-01").isEmpty)
        #expect(try sample.table().current(Sample.key)?.writer == (replaces ? .attempt(1) : nil))
    }

    /// A listing may miss the names of an attempt that creates the partition while it lasts.
    @Test func `Whoever wrote what is visible is settled, unless its record says that it is`() throws {
        let writer = Writer.attempt(5)
        let unlisted = PartitionStanding(entries: [], visibleWriters: [writer])
        #expect(unlisted.unsettledWriters(below: 6) == [writer])
        #expect(unlisted.unsettledWriters(below: 5).isEmpty)
        for (state, expected) in [("publishing", [writer]), ("published", [])] {
            let record = try #require(StagingEntry(writer.text + ".\(state)-3-1-100"))
            let standing = PartitionStanding(entries: [record], visibleWriters: [writer])
            #expect(standing.unsettledWriters(below: 6) == expected)
        }
    }

    private struct Died: Error {}
}

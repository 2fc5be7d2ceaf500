import Foundation
import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

/// Which finished batches an attempt may go on with.
@Suite struct BatchInheritanceTests {
    private static func key(_ value: Int, _ column: String = "id") -> String {
        #"[{"column":"\#(column)","type":"BIGINT","value":"\#(value)"}]"#
    }

    private static func batch(
        _ number: Int, from: String? = nil, to: String? = nil, version: String = "1", identity: String? = "s"
    ) -> RecordedBatch {
        RecordedBatch(
            fence: 5, claimID: UUID(),
            checkpoint: BatchCheckpoint(
                number: number, files: ["f"], rows: 10, bytes: 1, firstKey: from ?? key(number * 10),
                nextKey: to ?? key(number * 10 + 10), batchSize: 10, fields: #"{"sum":"7"}"#, sourceIdentity: identity,
                transformVersion: version))
    }

    private func finished(
        _ batches: [RecordedBatch], by: [String] = ["id"], version: String = "1", identity: String? = "s"
    ) -> [FinishedBatch]? {
        BatchInheritance(batching: Batching(by: by, rows: 99), transformVersion: version, sourceIdentity: identity)
            .finished(batches)
    }

    @Test func `What was made alike is gone on with`() throws {
        let found = try #require(finished([Self.batch(0), Self.batch(1), Self.batch(2)]))
        #expect(found.map(\.number) == [0, 1, 2] && found.allSatisfy { $0.rows == 10 && $0.fields == ["sum": "7"] })
        #expect(found.last?.range.to == BatchKey(json: Self.key(30)))
        #expect(finished([]) == [])
    }

    @Test(arguments: [
        ("another version", [batch(0, version: "0")]), ("another source", [batch(0, identity: "t")]),
        ("an unknown source", [batch(0, identity: nil)]), ("one among them", [batch(0), batch(1, version: "0")]),
        ("the first is missing", [batch(1)]), ("a gap of numbers", [batch(0), batch(2)]),
        ("a gap of keys", [batch(0), batch(1, from: key(11))]),
        ("another column", [batch(0, from: key(0, "day"), to: key(10, "day"))]), ("no key", [batch(0, to: "{}")]),
    ])
    func `Anything else begins anew`(name: String, batches: [RecordedBatch]) {
        #expect(finished(batches) == nil, "\(name)")
    }

    @Test func `Where nobody can tell what the sources are, nothing is gone on with`() {
        #expect(finished([Self.batch(0, identity: nil)], identity: nil) == nil)
        #expect(finished([Self.batch(0)], by: ["id", "day"]) == nil)
        #expect(finished([Self.batch(0)], version: "2") == nil)
    }
}

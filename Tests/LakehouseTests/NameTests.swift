import Foundation
import Partitions
import Testing

@testable import Lakehouse

@Suite struct NameTests {
    private static let writer = Writer.attempt(42)

    @Test(arguments: [
        StagingEntry.staging(writer), .revoked(writer), .floor(writer),
        .record(PublishRecord(writer: writer, state: .publishing, rows: 600, fileCount: 2, bytes: 4096)),
        .record(PublishRecord(writer: writer, state: .published, rows: 0, fileCount: 1, bytes: 171)),
    ])
    func `An entry reads back as it was written`(entry: StagingEntry) {
        #expect(StagingEntry(entry.description) == entry)
    }

    @Test(arguments: [
        "", "lost+found", "42-\(writer.claimID)", "\(writer.text).json", "\(writer.text).published-1-2",
        "\(writer.text).published-1-2-x", "00000000000000000042-0A000000-0000-4000-8000-000000000042",
    ])
    func `Other names are not taken for ours`(name: String) {
        #expect(StagingEntry(name) == nil)
    }

    @Test func `A file name reads back, and only if it is exactly ours`() {
        let name = PublishedFileName(writer: NameTests.writer, number: 3)
        #expect(PublishedFileName(name.description) == name)
        #expect(PublishedFileName("part-00000-\(NameTests.writer.claimID).parquet") == nil)
        #expect(PublishedFileName(name.description + ".crc") == nil)
        #expect(PublishedFileName("part-\(NameTests.writer.text)-3.parquet") == nil)
    }

    @Test func `The largest fence fits into a name`() {
        let writer = Writer(fence: .max, claimID: UUID())
        #expect(Writer(name: writer.name) == writer)
    }

    @Test(arguments: [
        ([], [], PartitionStanding.Verdict.highest), ([1], [2], .highest), ([3], [], .highest),
        ([4], [], .fenced(by: 4)),
        ([1], [5], .fenced(by: 5)), ([9], [5], .fenced(by: 9)),
    ])
    func `The highest fence anywhere is the floor`(
        staged: [Int64], visible: [Int64], verdict: PartitionStanding.Verdict
    ) {
        let standing = PartitionStanding(
            entries: staged.map { .staging(.attempt($0)) }, visibleWriters: Set(visible.map(Writer.attempt)))
        #expect(standing.verdict(on: .attempt(3)) == verdict)
    }
}

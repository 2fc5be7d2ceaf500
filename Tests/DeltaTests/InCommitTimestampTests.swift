import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Tables that keep a time for each version.
@Suite struct InCommitTimestampTests {
    private let sample: DeltaSample
    private let log: SampleLog
    init() throws {
        sample = try DeltaSample()
        log = SampleLog(sample.root)
    }

    private static let properties = #"{"delta.enableInCommitTimestamps":"true"}"#

    private func entry(_ time: Int64) -> String {
        #"{"commitInfo":{"inCommitTimestamp":\#(time),"timestamp":\#(time),"operation":"x"}}"#
    }

    private func create(_ time: Int64) throws {
        let features =
            #"{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}}"#
        try log.write([entry(time), features, SampleLog.metadata(properties: Self.properties)], version: 0)
    }

    private func publish(
        _ fence: Int64, now: Int64, _ body: @escaping @Sendable (FaultPoint) throws -> Void = { _ in }
    ) throws {
        let table = try sample.table(DeltaOptions(), now: now, body)
        try sample.publish(fence, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
    }

    private func time(of version: Int) throws -> Int64? {
        let first = try #require(try sample.actions(of: version).first)
        let info = try #require(first["commitInfo"] as? [String: Any], "commitInfo must come first")
        return (info["inCommitTimestamp"] as? NSNumber)?.int64Value
    }

    @Test func `A version's time is the clock's, where that is later than the version before`() async throws {
        try create(1_600_000_000_000)
        try publish(1, now: 1_700_000_000_000)
        #expect(try time(of: 1) == 1_700_000_000_000)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake == [["2024-01-01", "1"]] && read.duckdb == read.deltalake)
    }

    @Test(arguments: [0, 1, 100])
    func `A clock that is behind, or stands still, makes no version as old as the one before`(behind: Int64) throws {
        try create(1_700_000_000_000)
        for fence in 1...3 { try publish(Int64(fence), now: 1_700_000_000_000 - behind) }
        #expect(try (1...3).map(time) == [1_700_000_000_001, 1_700_000_000_002, 1_700_000_000_003])
    }

    @Test(arguments: [FaultPoint.entryWritten, .aboutToCommit])
    func `It is chosen anew where somebody else was faster`(point: FaultPoint) throws {
        try create(1_600_000_000_000)
        let (log, sample, later) = (log, sample, entry(1_800_000_000_000))
        try publish(1, now: 1_700_000_000_000) { reached in
            guard reached == point, sample.versions == [0] else { return }
            try log.write([later, log.add("order_date=2024-02-02/x", "2024-02-02")], version: 1)
        }
        #expect(sample.versions == [0, 1, 2])
        #expect(try time(of: 2) == 1_800_000_000_001)
    }

    @Test func `An entry that is still later than the newest version is left as it is`() throws {
        try create(1_600_000_000_000)
        let (log, sample, earlier) = (log, sample, entry(1_650_000_000_000))
        try publish(1, now: 1_700_000_000_000) { reached in
            guard reached == .aboutToCommit, sample.versions == [0] else { return }
            try log.write([earlier, log.add("order_date=2024-02-02/x", "2024-02-02")], version: 1)
        }
        #expect(try time(of: 2) == 1_700_000_000_000)
    }

    @Test func `The time is known also where all there is of the table is a checkpoint and its entry`() async throws {
        try create(1_900_000_000_000)
        try publish(1, now: 1_700_000_000_000)
        try await sample.other("checkpoint")
        try publish(2, now: 1_700_000_000_000)
        #expect(try time(of: 2) == 1_900_000_000_002)
    }

    @Test func `A version without a time, where there must be one, is refused`() throws {
        try create(1_600_000_000_000)
        try log.write([SampleLog.metadata(properties: Self.properties)], version: 1)
        try FileManager.default.removeItem(atPath: log.path(0))
        try log.write(
            [
                #"{"commitInfo":{"operation":"x"}}"#, SampleLog.protocolLine,
                SampleLog.metadata(properties: Self.properties),
            ],
            version: 0)
        let error = #expect(throws: TableError.self) { try publish(1, now: 1_700_000_000_000) }
        #expect(error?.message.contains("Version 1 of") == true && error?.message.contains("inCommitTimestamp") == true)
        #expect(sample.versions == [0, 1])
    }

    @Test func `Other tables get none`() throws {
        try log.create()
        try publish(1, now: 1_700_000_000_000)
        #expect(try time(of: 1) == nil)
    }
}

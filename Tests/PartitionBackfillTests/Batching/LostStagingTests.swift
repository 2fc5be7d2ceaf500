import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Attempts whose staging is taken away while they still own their partition.
@Suite(.timeLimit(.minutes(3))) struct LostStagingTests {
    private func source(_ fixture: BackfillFixture) throws -> Source {
        let path = fixture.folder.appending("orders.csv")
        let lines = ["id,amount"] + (0..<40).map { "\($0),\($0)" }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return Source(path: path, format: .csv)
    }

    private func request() throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"), workers: 1)
    }

    @Test(arguments: ["before a batch is written", "after it"])
    func `An attempt whose staging was cleaned up while it stood still is repeated, and its batches are not`(
        when: String
    ) async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let isDue = Mutex(true)
        let seen = Mutex<[Int]>([])
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            let staging = try #require(partition.stagingDirectory)
            let vanish = { (now: String, number: Int) in
                guard number >= 2, now == when, isDue.withLock({ $0 }) else { return }
                isDue.withLock { $0 = false }
                try FileManager.default.removeItem(atPath: staging)
            }
            for try await batch in partition.batches(by: ["id"], of: source, rows: 10) {
                seen.withLock { $0.append(batch.number) }
                try vanish("before a batch is written", batch.number)
                try await batch.overwrite("SELECT id, amount, 1 AS batch FROM source")
                try vanish("after it", batch.number)
            }
        }
        let report = try await fixture.backfill(job).planAndRun(request())
        #expect(report.complete == 1 && report.rows == 40, "\(report.failed)")
        #expect(try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 COMPLETE"])
        #expect(seen.withLock { $0 } == [0, 1, 2, 2, 3])
    }

    @Test(arguments: [true, false])
    func `An attempt in one pass whose staging was cleaned up is repeated`(isWritten: Bool) async throws {
        let fixture = try await BackfillFixture()
        let isDue = Mutex(true)
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            let goes = isDue.withLock { isDue in
                defer { isDue = false }
                return isDue
            }
            let staging = try #require(partition.stagingDirectory)
            if goes, !isWritten { try FileManager.default.removeItem(atPath: staging) }
            try await partition.overwrite("SELECT 1 AS id")
            if goes, isWritten { try FileManager.default.removeItem(atPath: staging) }
        }
        let report = try await fixture.backfill(job).planAndRun(request())
        #expect(report.complete == 1, "\(report.failed)")
        #expect(try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 COMPLETE"])
    }
}

import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

@Suite struct AdoptionTests {
    private let key = PartitionKey(granularity: .day, ordinal: 19_723)

    private func attempt(
        _ fence: Int64, _ outcome: String, version: String = "2", number: Int = 2, kind: AttemptKind = .run
    ) -> AttemptRow {
        AttemptRow(
            fence: fence, claimID: claimID(fence), attempt: number, run: nil, worker: "w", host: nil, startedAt: .now,
            endedAt: nil, outcome: outcome, errorMessage: nil, rowsWritten: nil, bytesWritten: nil,
            transformVersion: version, tableVersion: nil, kind: kind)
    }

    @Test func `What an approval published is adopted, and what an undo put back is not`() {
        #expect(isAdoptable(4, in: [attempt(4, "LOST", kind: .approve), attempt(7, "RUNNING")]))
        #expect(!isAdoptable(4, in: [attempt(4, "LOST", kind: .undo), attempt(7, "RUNNING")]))
        #expect(!isAdoptable(4, in: [attempt(4, "LOST"), attempt(5, "LOST", kind: .undo), attempt(7, "RUNNING")]))
    }

    private func claimID(_ fence: Int64) -> UUID {
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(fence)))
    }

    /// Whether the last attempt of a history may adopt what the attempt with a fence has written.
    private func isAdoptable(_ fence: Int64, in history: [AttemptRow], claimID: UUID? = nil) -> Bool {
        let last = history.last?.fence ?? 0
        let token = ClaimToken(key: key, fence: last, claimID: self.claimID(last))
        return Adoption(history: history, claim: token, version: "2")
            .isAdoptable(writtenBy: Writer(fence: fence, claimID: claimID ?? self.claimID(fence)))
    }

    @Test func `What a lost worker published is adopted through any number of others that were lost or gave up`() {
        #expect(isAdoptable(4, in: [attempt(4, "LOST"), attempt(7, "RUNNING")]))
        #expect(
            isAdoptable(4, in: [attempt(4, "LOST"), attempt(5, "LOST"), attempt(6, "LOST"), attempt(7, "RUNNING")]))
        #expect(isAdoptable(4, in: [attempt(4, "LOST"), attempt(5, "RELEASED"), attempt(7, "RUNNING")]))
        #expect(isAdoptable(4, in: [attempt(4, "LOST"), attempt(5, "RETRY"), attempt(7, "RUNNING")]))
    }

    @Test(arguments: ["COMPLETE", "ADOPTED", "FAILED", "HELD", "CANCELLED"])
    func `What has been judged since is made anew`(outcome: String) {
        #expect(!isAdoptable(4, in: [attempt(4, "LOST"), attempt(5, outcome), attempt(7, "RUNNING")]))
    }

    @Test(arguments: ["COMPLETE", "ADOPTED", "FAILED", "RETRY", "RELEASED", "RUNNING"])
    func `Only a lost worker leaves something to adopt`(outcome: String) {
        #expect(!isAdoptable(4, in: [attempt(4, outcome), attempt(7, "RUNNING")]))
    }

    @Test func `What was published before the partition was reopened is made anew, by whichever attempt`() {
        let reopened = attempt(5, "LOST", number: 1)
        #expect(!isAdoptable(4, in: [attempt(4, "LOST"), reopened, attempt(7, "RUNNING")]))
        #expect(isAdoptable(5, in: [attempt(4, "LOST"), reopened, attempt(7, "RUNNING")]))
        #expect(!isAdoptable(4, in: [attempt(4, "LOST"), attempt(7, "RUNNING", number: 1)]))
    }

    @Test func `Another version, another claim and an unknown attempt are not adopted`() {
        #expect(!isAdoptable(4, in: [attempt(4, "LOST", version: "1"), attempt(7, "RUNNING")]))
        #expect(!isAdoptable(4, in: [attempt(4, "LOST"), attempt(7, "RUNNING")], claimID: UUID()))
        #expect(!isAdoptable(3, in: [attempt(4, "LOST"), attempt(7, "RUNNING")]))
        #expect(!isAdoptable(7, in: [attempt(4, "LOST"), attempt(7, "LOST")]))
    }
}

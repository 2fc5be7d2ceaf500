import Foundation
import Partitions
import TestSupport
import Testing

@testable import PartitionBackfill

@Suite struct SettlingTests {
    /// 2024-03-10 at half past ten.
    private let now = Date(timeIntervalSince1970: 1_710_066_600)

    private func firstRecent(_ granularity: Granularity, _ settle: Duration) -> String {
        Settling(granularity: granularity, settle: settle, now: now).firstRecent.description
    }

    @Test func `A partition is settled when all of it ended long enough ago`() {
        #expect(firstRecent(.day, .seconds(2 * 86_400)) == "2024-03-08")
        #expect(firstRecent(.day, .seconds(1)) == "2024-03-10")
        #expect(firstRecent(.hour, .seconds(2 * 3600)) == "2024-03-10T08")
        #expect(firstRecent(.month, .seconds(2 * 86_400)) == "2024-03")
        #expect(firstRecent(.month, .seconds(12 * 86_400)) == "2024-02")
        #expect(firstRecent(.day, .seconds(60 * 365 * 86_400)) < "1970-01-01")
    }

    @Test func `A range is cut at the first recent partition`() throws {
        let settling = Settling(granularity: .day, settle: .seconds(2 * 86_400), now: now)
        let across = try settling.divide(#require(BackfillFixture.days("2024-03-01", "2024-03-20").ranges.first))
        #expect(across.settled.description == "2024-03-01 to 2024-03-07")
        #expect(across.recent.description == "2024-03-08 to 2024-03-20")
        let old = try settling.divide(#require(BackfillFixture.days("2024-01-01", "2024-01-20").ranges.first))
        #expect(old.settled.count == 20 && old.recent.isEmpty)
        let new = try settling.divide(#require(BackfillFixture.days("2024-04-01", "2024-04-20").ranges.first))
        #expect(new.settled.isEmpty && new.recent.count == 20)
    }

    @Test func `A plan leaves out what is too recent by the database's clock`() async throws {
        let fixture = try await BackfillFixture()
        let today = try #require(try await fixture.cluster.execute("SELECT (now() AT TIME ZONE 'UTC')::date")[0][0])
        let last = try BackfillFixture.day(today)
        let range = PartitionRange(granularity: .day, ordinals: (last.ordinal - 9)..<(last.ordinal + 1))
        let backfill = try fixture.backfill(fixture.job())
        var request = BackfillRequest(partitions: PartitionSet(range), settle: .seconds(2 * 86_400))
        let plan = try await backfill.plan(request)
        #expect(plan.counts == [.missing: 7, .tooRecent: 3])
        #expect(plan.segments.last?.range.last == last)
        request.settle = nil
        #expect(try await backfill.plan(request).counts == [.missing: 10])
    }
}

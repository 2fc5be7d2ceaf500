import PartitionBackfill
import Testing

/// What goes on while a plan is made: there is no plan before it is well.
@Suite struct ReadinessTests {
    private struct NotReady: Error {}

    private func request() throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-02"))
    }

    @Test func `There is no plan where what it needs is not well`() async throws {
        let fixture = try await BackfillFixture()
        var backfill = try fixture.backfill(fixture.job())
        backfill.readiness = { throw NotReady() }
        await #expect(throws: NotReady.self) { try await backfill.plan(try request()) }
        backfill.readiness = {}
        #expect(try await backfill.plan(try request()).runCount == 2)
    }
}

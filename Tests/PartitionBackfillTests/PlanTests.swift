import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

@Suite struct PlanTests {
    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    private func range(_ ordinals: Range<Int>) -> PartitionRange {
        PartitionRange(granularity: .day, ordinals: ordinals)
    }

    struct Case: CustomTestStringConvertible {
        var status: Status?
        var version: String?
        var table: String?
        var isExpired = false
        var isClaimedByOther = false
        var selection = Selection.unfinished
        var expected: BackfillPlan.Reason

        var testDescription: String { "\(status?.rawValue ?? "no row") \(selection) \(expected)" }
    }

    @Test(arguments: [
        Case(status: nil, expected: .missing),
        Case(status: .pending, expected: .missing),
        Case(status: .failed, expected: .failed),
        Case(status: .cancelled, expected: .cancelled),
        Case(status: .held, expected: .held),
        Case(status: .running, expected: .runningElsewhere),
        Case(status: .running, isExpired: true, expected: .workerLost),
        Case(status: .complete, version: "v2", expected: .complete),
        Case(status: .complete, version: nil, expected: .complete),
        Case(status: .complete, version: "v1", expected: .staleTransform),
        Case(status: .pending, isClaimedByOther: true, expected: .runningInOtherJob),
        Case(status: .complete, version: "v2", isClaimedByOther: true, expected: .complete),
        Case(status: .complete, version: "v2", selection: .all, expected: .forced),
        Case(status: .complete, version: nil, selection: .all, expected: .forced),
        Case(status: .complete, isClaimedByOther: true, selection: .all, expected: .runningInOtherJob),
        Case(status: .held, selection: .all, expected: .held),
        Case(status: .running, selection: .all, expected: .runningElsewhere),
        Case(status: nil, selection: .failed, expected: .notSelected),
        Case(status: .failed, selection: .failed, expected: .failed),
        Case(status: .failed, selection: .missing, expected: .notSelected),
        Case(status: .running, isExpired: true, selection: .missing, expected: .workerLost),
        Case(status: .complete, version: "v1", selection: .failed, expected: .notSelected),
        Case(status: .complete, version: "v1", selection: .stale, expected: .staleTransform),
        Case(status: nil, selection: .stale, expected: .notSelected),
        Case(status: .held, version: "v2", expected: .held),
        Case(status: .held, version: "v1", expected: .staleTransform),
        Case(status: .held, version: "v1", selection: .missing, expected: .notSelected),
        Case(status: .complete, version: "v2", table: "here", expected: .complete),
        Case(status: .complete, version: "v2", table: "there", expected: .staleTarget),
        Case(status: .complete, version: nil, table: "there", expected: .staleTarget),
        Case(status: .complete, version: "v1", table: "there", expected: .staleTransform),
        Case(status: .complete, version: "v2", table: "there", selection: .stale, expected: .staleTarget),
        Case(status: .complete, version: "v2", table: "there", selection: .failed, expected: .notSelected),
        Case(
            status: .complete, version: "v2", table: "there", isClaimedByOther: true, expected: .runningInOtherJob),
    ])
    func `Each status and selection has its reason`(example: Case) {
        let decision = PlanDecision(
            transformVersion: "v2", selection: example.selection, tableIdentity: "here")
        let row = example.status.map {
            PlanRow(
                key: key(0), status: $0, transformVersion: example.version, isLeaseExpired: example.isExpired,
                isClaimedByOtherJob: example.isClaimedByOther, tableIdentity: example.table)
        }
        #expect(decision.reason(for: row) == example.expected)
    }

    @Test func `Rows and gaps become segments`() {
        var builder = PlanBuilder(
            decision: PlanDecision(transformVersion: "v1", selection: .unfinished), granularity: .day)
        builder.begin(range(0..<10))
        for ordinal in [2, 3, 7] { builder.add(PlanRow(key: key(ordinal), status: .complete)) }
        builder.endRange()
        builder.begin(range(20..<22))
        builder.add(PlanRow(key: key(20), status: .failed))
        builder.endRange()
        #expect(
            builder.segments == [
                .init(range: range(0..<2), reason: .missing), .init(range: range(2..<4), reason: .complete),
                .init(range: range(4..<7), reason: .missing), .init(range: range(7..<8), reason: .complete),
                .init(range: range(8..<10), reason: .missing), .init(range: range(20..<21), reason: .failed),
                .init(range: range(21..<22), reason: .missing),
            ])
    }

    @Test func `Partitions whose sources have changed are cut out of those that are complete`() {
        var builder = PlanBuilder(
            decision: PlanDecision(transformVersion: "v1", selection: .unfinished, comparesSources: true),
            granularity: .day)
        builder.begin(range(0..<8))
        for ordinal in 0..<7 {
            builder.add(
                PlanRow(
                    key: key(ordinal), status: ordinal == 5 ? .failed : .complete, transformVersion: "v1",
                    isClaimedByOtherJob: ordinal == 6, sourceIdentity: ordinal == 3 ? nil : "1:\(ordinal)"))
        }
        builder.endRange()
        #expect(builder.recordedSources.map(\.identity) == ["1:0", "1:1", "1:2", "1:4", "1:6"])
        builder.mark([])
        #expect(builder.segments.map(\.reason) == [.complete, .failed, .complete, .missing])
        builder.mark(builder.recordedSources.filter { ["1:0", "1:1", "1:4", "1:6"].contains($0.identity) })
        #expect(
            builder.segments == [
                .init(range: range(0..<2), reason: .staleSource), .init(range: range(2..<4), reason: .complete),
                .init(range: range(4..<5), reason: .staleSource), .init(range: range(5..<6), reason: .failed),
                .init(range: range(6..<7), reason: .runningInOtherJob), .init(range: range(7..<8), reason: .missing),
            ])
        let plan = BackfillPlan(job: "j", range: range(0..<8), segments: builder.segments, fence: 0)
        #expect(
            (0..<8).map { plan.reason(of: key($0)) == .staleSource } == [
                true, true, false, false, true, false, false, false,
            ])
        #expect(plan.reason(of: key(8)) == nil)
    }

    @Test func `A plan counts what it runs`() {
        let plan = BackfillPlan(
            job: "j", range: range(0..<10),
            segments: [
                .init(range: range(0..<4), reason: .missing), .init(range: range(4..<9), reason: .complete),
                .init(range: range(9..<10), reason: .runningElsewhere),
            ], fence: 0)
        #expect(plan.runCount == 4)
        #expect(plan.counts == [.missing: 4, .complete: 5, .runningElsewhere: 1])
    }
}

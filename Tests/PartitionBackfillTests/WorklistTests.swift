import Partitions
import Testing

@testable import PartitionBackfill

@Suite struct WorklistTests {
    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    private func plan(_ segments: (Range<Int>, BackfillPlan.Reason)...) -> BackfillPlan {
        BackfillPlan(
            job: "j", range: PartitionRange(granularity: .day, ordinals: 0..<100),
            segments: segments.map {
                .init(range: PartitionRange(granularity: .day, ordinals: $0.0), reason: $0.1)
            }, fence: 0)
    }

    private func worklist(
        _ plan: BackfillPlan, order: BackfillRequest.Order = .oldest, selection: Selection = .unfinished,
        maxPartitions: Int? = nil
    ) -> Worklist {
        Worklist(plan: plan, order: order, selection: selection, maxPartitions: maxPartitions)
    }

    @Test func `Only what is to be run is asked for, oldest first`() {
        var list = worklist(plan((0..<3, .missing), (3..<6, .complete), (6..<8, .failed), (8..<9, .held)))
        #expect(list.window(of: 10).map(\.ordinal) == [0, 1, 2, 6, 7])
        #expect(list.remainingCount == 5)
    }

    @Test func `Newest first walks backwards`() {
        var list = worklist(plan((0..<3, .missing), (6..<8, .failed)), order: .newest)
        #expect(list.window(of: 10).map(\.ordinal) == [7, 6, 2, 1, 0])
    }

    @Test func `What runs elsewhere is waited for, unless only failed ones were asked for`() {
        let plan = plan((0..<2, .runningElsewhere), (2..<3, .failed))
        var everything = worklist(plan)
        #expect(everything.window(of: 10).map(\.ordinal) == [0, 1, 2])
        var failed = worklist(plan, selection: .failed)
        #expect(failed.window(of: 10).map(\.ordinal) == [2])
    }

    @Test func `What was not granted before the last grant waits`() {
        var list = worklist(plan((0..<10, .missing)))
        let window = list.window(of: 6)
        list.apply(granted: [key(1), key(3)], of: window, limit: 2)
        #expect(list.waiting == [key(0), key(2)])
        #expect(list.inFlight == [key(1), key(3)])
        #expect(list.window(of: 3).map(\.ordinal) == [4, 5, 6])
    }

    @Test func `What a limit did not admit was not looked at`() {
        var list = worklist(plan((0..<4, .missing)))
        let window = list.window(of: 4)
        list.apply(granted: [], of: window, limit: 0)
        #expect(list.waiting.isEmpty)
        #expect(list.window(of: 4) == window)
    }

    @Test func `A window granted in part only has nothing left behind`() {
        var list = worklist(plan((0..<4, .missing)))
        let window = list.window(of: 4)
        list.apply(granted: [key(2)], of: window, limit: 3)
        #expect(list.waiting == [key(0), key(1), key(3)])
        #expect(list.window(of: 4).isEmpty)
        #expect(!list.isExhausted)
    }

    @Test func `A work list ends when all is done here and elsewhere`() {
        var list = worklist(plan((0..<2, .missing)))
        let window = list.window(of: 2)
        list.apply(granted: [key(0)], of: window, limit: 2)
        list.finish(key(0))
        #expect(!list.isExhausted)
        list.finishElsewhere(key(1))
        #expect(list.isExhausted)
        #expect(list.remainingCount == 0)
    }

    @Test func `A retry within the limit is no further partition`() {
        var list = worklist(plan((0..<5, .missing)), maxPartitions: 1)
        var window = list.window(of: 3)
        #expect(list.limit(4, of: window) == 1)
        list.apply(granted: [key(0)], of: window, limit: 1)
        list.wait(for: key(0))
        #expect(!list.isExhausted)
        #expect(list.window(of: 3).isEmpty)
        list.reconsider(key(0))
        window = list.window(of: 3)
        #expect(window == [key(0)])
        list.apply(granted: [key(0)], of: window, limit: list.limit(4, of: window))
        list.finish(key(0))
        #expect(list.isExhausted)
        #expect(list.remainingCount == 4)
    }
}

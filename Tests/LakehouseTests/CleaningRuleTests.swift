import Lakehouse
import Partitions
import Testing

/// What may be removed, decided without a table.
@Suite struct CleaningRuleTests {
    private static let week = Duration.seconds(7 * 86_400)
    private let rule = CleaningRule(keep: week)

    private func leftover(_ kind: Leftover.Kind, _ fence: Int64, neededBy: Set<Writer> = []) -> Leftover {
        Leftover(kind: kind, writer: .attempt(fence), path: "/\(kind)/\(fence)", bytes: 1, neededBy: neededBy)
    }

    private func removed(
        _ items: [Leftover], _ standings: [Int64: AttemptStanding], _ rule: CleaningRule? = nil
    ) -> CleaningDecision {
        (rule ?? self.rule).decide(
            PartitionLeftovers(key: Sample.key, items: items),
            standings: Dictionary(uniqueKeysWithValues: standings.map { (Writer.attempt($0.key), $0.value) }))
    }

    @Test(arguments: [
        (AttemptStanding.live, false), (.lapsed, true), (.ended(ago: .zero), true), (.unknown, false),
    ])
    func `Stagings go with their attempts, and never with a live one`(standing: AttemptStanding, goes: Bool) {
        for kind in [Leftover.Kind.staging, .unfinishedPublish, .record] {
            #expect(removed([leftover(kind, 5)], [5: standing]).removable.isEmpty == !goes, "\(kind)")
        }
    }

    @Test(arguments: [
        (AttemptStanding.live, false), (.lapsed, false), (.held, false), (.ended(ago: .zero), true), (.unknown, false),
    ])
    func `Finished batches go only when their attempt has ended, since it could still tell the ledger of one`(
        standing: AttemptStanding, goes: Bool
    ) {
        #expect(removed([leftover(.batches, 5)], [5: standing]).removable.isEmpty == !goes)
    }

    @Test(arguments: [
        (AttemptStanding.ended(ago: week), true), (.ended(ago: week - .milliseconds(1)), false), (.live, false),
        (.lapsed, false), (.unknown, false),
    ])
    func `A replaced generation goes when its replacement is older than the grace`(
        standing: AttemptStanding, goes: Bool
    ) {
        #expect(removed([leftover(.replaced, 5)], [5: standing]).removable.isEmpty == !goes)
    }

    @Test(arguments: [
        (AttemptStanding.ended(ago: .zero), true), (.held, false), (.live, false), (.lapsed, false), (.unknown, false),
    ])
    func `What is held goes when it is decided on, however old it is`(standing: AttemptStanding, goes: Bool) {
        let decision = removed([leftover(.held, 5)], [5: standing], CleaningRule(keep: .zero))
        #expect(decision.removable.isEmpty == !goes)
        #expect(decision.unknown.isEmpty == (standing != .unknown))
        // What else such an attempt has left belongs to nobody any more.
        if standing == .held { #expect(removed([leftover(.staging, 5)], [5: .held]).removable.count == 1) }
    }

    @Test func `What the ledger does not know is told, and goes only where there is no other ledger`() {
        let items = [leftover(.staging, 5), leftover(.replaced, 4), leftover(.record, 3)]
        let kept = removed(items, [:])
        #expect(kept.removable.isEmpty)
        #expect(kept.unknown == Array(items.prefix(2)))
        let all = removed(items, [:], CleaningRule(keep: Self.week, removesUnknown: true))
        #expect(all.removable == items)
        #expect(all.unknown.isEmpty)
    }

    @Test func `A record stays as long as anything that it describes`() {
        let record = leftover(.record, 1, neededBy: [.attempt(2), .attempt(3)])
        let items = [record, leftover(.replaced, 2), leftover(.replaced, 3)]
        let old = AttemptStanding.ended(ago: Self.week)
        let one = removed(items, [1: old, 2: old, 3: .ended(ago: .zero)])
        #expect(one.removable == [leftover(.replaced, 2)])
        // Gone together, the record comes last: a removal that is interrupted leaves no generation without its record.
        #expect(removed(items, [1: old, 2: old, 3: old]).removable == Array(items.dropFirst()) + [record])
    }

    @Test func `A publish that is brought to its end keeps the record of what it replaced`() {
        let items = [leftover(.record, 1, neededBy: [.attempt(2)]), leftover(.unfinishedPublish, 2)]
        let old = AttemptStanding.ended(ago: Self.week)
        #expect(removed(items, [1: old, 2: old]).removable == [leftover(.unfinishedPublish, 2)])
    }

    @Test func `What was half removed goes without anybody being asked`() {
        #expect(removed([leftover(.remains, 5)], [:]).removable.count == 1)
    }
}

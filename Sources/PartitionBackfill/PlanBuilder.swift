internal import Partitions
internal import ProgressStore

/// Merges the rows of the ledger, which come by key, with the partitions asked for, into segments.
struct PlanBuilder: Sendable {
    private let decision: PlanDecision
    private(set) var segments: [BackfillPlan.Segment] = []
    private var range: PartitionRange
    private var nextOrdinal: Int

    init(decision: PlanDecision, granularity: Granularity) {
        self.decision = decision
        range = PartitionRange(granularity: granularity, ordinals: 0..<0)
        nextOrdinal = 0
    }

    /// Begins a range of the partitions asked for.
    mutating func begin(_ range: PartitionRange) {
        self.range = range
        nextOrdinal = range.ordinals.lowerBound
    }

    /// Takes the next row of the range.
    mutating func add(_ row: PlanRow) {
        guard range.contains(row.key), row.key.ordinal >= nextOrdinal else { return }
        fillMissing(upTo: row.key.ordinal)
        append(row.key.ordinal..<(row.key.ordinal + 1), decision.reason(for: row))
        nextOrdinal = row.key.ordinal + 1
    }

    /// Ends the range: what had no row is missing.
    mutating func endRange() {
        fillMissing(upTo: range.ordinals.upperBound)
    }

    /// Takes partitions that are not looked at, whatever their rows say.
    mutating func skip(_ range: PartitionRange, _ reason: BackfillPlan.Reason) {
        self.range = range
        if !range.isEmpty { append(range.ordinals, reason) }
    }

    private mutating func fillMissing(upTo end: Int) {
        guard nextOrdinal < end else { return }
        append(nextOrdinal..<end, decision.reason(for: nil))
        nextOrdinal = end
    }

    private mutating func append(_ ordinals: Range<Int>, _ reason: BackfillPlan.Reason) {
        var ordinals = ordinals
        if let last = segments.last, last.reason == reason, last.range.ordinals.upperBound == ordinals.lowerBound {
            ordinals = last.range.ordinals.lowerBound..<ordinals.upperBound
            segments.removeLast()
        }
        let range = PartitionRange(granularity: range.granularity, ordinals: ordinals)
        segments.append(BackfillPlan.Segment(range: range, reason: reason))
    }
}

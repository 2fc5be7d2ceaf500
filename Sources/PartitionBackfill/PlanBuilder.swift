internal import Partitions
internal import ProgressStore

/// Merges the rows of the ledger, which come by key, with the partitions asked for, into segments.
struct PlanBuilder: Sendable {
    private let decision: PlanDecision
    private(set) var segments: [BackfillPlan.Segment] = []
    /// What COMPLETE partitions were made of, where it matters and is known.
    private(set) var recordedSources: [RecordedSource] = []
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
        let reason = decision.reason(for: row)
        if reason == .complete, decision.comparesSources, let identity = row.sourceIdentity {
            let changed: BackfillPlan.Reason = row.isClaimedByOtherJob ? .runningInOtherJob : .staleSource
            recordedSources.append(RecordedSource(key: row.key, identity: identity, reason: changed))
        }
        append(row.key.ordinal..<(row.key.ordinal + 1), reason)
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

    /// Takes what has become of the sources of COMPLETE partitions, by time.
    mutating func mark(_ changed: [RecordedSource]) {
        guard !changed.isEmpty else { return }
        let old = segments
        segments = []
        var rest = changed[...]
        for segment in old {
            range = segment.range
            var next = segment.range.ordinals.lowerBound
            while let source = rest.first, segment.range.contains(source.key) {
                if next < source.key.ordinal { append(next..<source.key.ordinal, segment.reason) }
                append(source.key.ordinal..<(source.key.ordinal + 1), source.reason)
                next = source.key.ordinal + 1
                rest.removeFirst()
            }
            if next < segment.range.ordinals.upperBound {
                append(next..<segment.range.ordinals.upperBound, segment.reason)
            }
        }
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

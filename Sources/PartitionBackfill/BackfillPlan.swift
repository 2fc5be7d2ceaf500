public import Partitions

/// What a run would do with each partition of a request, and why.
///
/// Consecutive partitions with the same decision are one segment, so that a plan of a million partitions stays small.
public struct BackfillPlan: Sendable, Hashable {
    /// Why a partition is run or skipped.
    ///
    /// Stale is what is COMPLETE, but for another version of the transform, from source files that have changed since,
    /// or in another table than the job's target.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case missing
        case failed
        case cancelled
        case staleTransform = "stale transform"
        case staleSource = "stale source"
        case staleTarget = "stale target"
        case workerLost = "worker lost"
        case forced
        case complete
        case runningElsewhere = "running elsewhere"
        case runningInOtherJob = "running in another job"
        case held
        case tooRecent = "too recent"
        case notSelected = "not selected"

        /// Whether partitions of this reason are run rather than skipped.
        public var isRun: Bool {
            switch self {
            case .missing, .failed, .cancelled, .staleTransform, .staleSource, .staleTarget, .workerLost, .forced: true
            case .complete, .runningElsewhere, .runningInOtherJob, .held, .tooRecent, .notSelected: false
            }
        }

        /// Whether a run waits for partitions of this reason, because another process is at work on them.
        ///
        /// Whoever asks for missing or failed partitions only asks for those of this moment, and waits for nobody.
        public func isAwaited(by selection: Selection) -> Bool {
            switch (self, selection) {
            case (.runningElsewhere, .unfinished), (.runningElsewhere, .all): true
            case (.runningInOtherJob, .unfinished), (.runningInOtherJob, .all): true
            default: false
            }
        }
    }

    /// Consecutive partitions with one decision.
    public struct Segment: Sendable, Hashable {
        /// The partitions.
        public var range: PartitionRange
        /// The decision.
        public var reason: Reason

        /// Creates a segment.
        public init(range: PartitionRange, reason: Reason) {
            self.range = range
            self.reason = reason
        }
    }

    /// The job.
    public let job: String
    /// The smallest range that covers what was asked for.
    public let range: PartitionRange
    /// The decisions, by time.
    public let segments: [Segment]
    /// The fence that the ledger had reached when the plan was made.
    public let fence: Int64

    /// The decision on a partition, in logarithmic time; nil where it was not asked about.
    func reason(of key: PartitionKey) -> Reason? {
        var (lower, upper) = (0, segments.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if segments[middle].range.ordinals.upperBound <= key.ordinal { lower = middle + 1 } else { upper = middle }
        }
        guard lower < segments.count, segments[lower].range.contains(key) else { return nil }
        return segments[lower].reason
    }

    /// The number of partitions by reason.
    public var counts: [Reason: Int] {
        segments.reduce(into: [:]) { $0[$1.reason, default: 0] += $1.range.count }
    }

    /// The number of partitions to run.
    public var runCount: Int { segments.reduce(0) { $0 + ($1.reason.isRun ? $1.range.count : 0) } }

    /// The number of partitions that a run waits for.
    public func awaitedCount(by selection: Selection) -> Int {
        segments.reduce(0) { $0 + ($1.reason.isAwaited(by: selection) ? $1.range.count : 0) }
    }

    /// The number of partitions that a run neither works on nor waits for.
    public func skippedCount(by selection: Selection) -> Int {
        segments.reduce(0) { $0 + ($1.reason.isRun || $1.reason.isAwaited(by: selection) ? 0 : $1.range.count) }
    }

    /// Creates a plan.
    public init(job: String, range: PartitionRange, segments: [Segment], fence: Int64) {
        self.job = job
        self.range = range
        self.segments = segments
        self.fence = fence
    }
}

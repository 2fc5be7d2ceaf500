internal import Partitions

/// Walks the partitions of a plan that are to be run, or waited for, in the order asked for, in constant memory.
struct PlanCursor: Sendable {
    private var ranges: [PartitionRange]
    private var isDescending: Bool
    private var offset = 0

    /// Creates a cursor before the first partition.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - order: The order in which its partitions are visited.
    ///   - selection: What was asked for, which says whether partitions that run elsewhere are visited too.
    init(plan: BackfillPlan, order: BackfillRequest.Order, selection: Selection) {
        isDescending = order == .newest
        let visited = plan.segments.filter { $0.reason.isRun || $0.reason.isAwaited(by: selection) }.map(\.range)
        // The range in work is the last one, so that a finished one is dropped without moving the others.
        ranges = isDescending ? visited : visited.reversed()
    }

    var isAtEnd: Bool { ranges.isEmpty }

    var remainingCount: Int { ranges.reduce(0) { $0 + $1.count } - offset }

    /// Begins anew with what is left, and with partitions that it had visited already, in an order of the caller's.
    mutating func restart(_ order: BackfillRequest.Order, with keys: [PartitionKey]) {
        if let current = ranges.popLast() {
            let ordinals = current.ordinals
            let left =
                isDescending
                ? ordinals.lowerBound..<(ordinals.upperBound - offset)
                : (ordinals.lowerBound + offset)..<ordinals.upperBound
            ranges.append(PartitionRange(granularity: current.granularity, ordinals: left))
        }
        ranges += keys.map { PartitionRange(granularity: $0.granularity, ordinals: $0.ordinal..<($0.ordinal + 1)) }
        isDescending = order == .newest
        ranges.sort { isDescending == ($0.ordinals.lowerBound < $1.ordinals.lowerBound) }
        offset = 0
    }

    mutating func next() -> PartitionKey? {
        guard let range = ranges.last else { return nil }
        let ordinal = isDescending ? range.ordinals.upperBound - 1 - offset : range.ordinals.lowerBound + offset
        offset += 1
        if offset == range.count {
            ranges.removeLast()
            offset = 0
        }
        return PartitionKey(granularity: range.granularity, ordinal: ordinal)
    }
}

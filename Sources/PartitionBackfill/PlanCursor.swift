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
        dropVisited()
        ranges += keys.map { PartitionRange(granularity: $0.granularity, ordinals: $0.ordinal..<($0.ordinal + 1)) }
        isDescending = order == .newest
        ranges.sort { isDescending == ($0.ordinals.lowerBound < $1.ordinals.lowerBound) }
    }

    /// Partitions that are left, at equal distances where they are more than are looked at one by one.
    func sample() -> [PartitionKey] {
        var rest = self
        rest.dropVisited()
        return EvenSample.keys(of: rest.ranges.sorted { $0.ordinals.lowerBound < $1.ordinals.lowerBound })
    }

    /// Visits what is left by weight, the heaviest first.
    ///
    /// Of more partitions than were looked at, each stands for those up to the next one.
    mutating func rank(_ sample: [PartitionKey], by weights: Weights) {
        dropVisited()
        isDescending = false
        let borders = sample.map(\.ordinal).sorted()
        var pieces: [(weight: Double, range: PartitionRange)] = []
        for range in ranges {
            // The first border behind the range's beginning; the one before stands for what comes up to it.
            var next = borders.partitioningIndex { $0 > range.ordinals.lowerBound }
            var lower = range.ordinals.lowerBound
            while lower < range.ordinals.upperBound {
                let upper =
                    next < borders.count ? min(borders[next], range.ordinals.upperBound) : range.ordinals.upperBound
                let key = PartitionKey(granularity: range.granularity, ordinal: next > 0 ? borders[next - 1] : lower)
                let piece = PartitionRange(granularity: range.granularity, ordinals: lower..<upper)
                pieces.append((weights.weight(of: key), piece))
                lower = upper
                next += 1
            }
        }
        // The last one comes first; of those of one weight the oldest.
        pieces.sort { ($0.weight, $1.range.ordinals.lowerBound) < ($1.weight, $0.range.ordinals.lowerBound) }
        ranges = pieces.map(\.range)
    }

    /// Takes away what was visited of the range in work.
    private mutating func dropVisited() {
        guard offset > 0, let current = ranges.popLast() else { return }
        let ordinals = current.ordinals
        let left =
            isDescending
            ? ordinals.lowerBound..<(ordinals.upperBound - offset)
            : (ordinals.lowerBound + offset)..<ordinals.upperBound
        ranges.append(PartitionRange(granularity: current.granularity, ordinals: left))
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

extension [Int] {
    /// The first place of a sorted array whose element satisfies a condition that all later ones satisfy too.
    fileprivate func partitioningIndex(where isBehind: (Int) -> Bool) -> Int {
        var (lower, upper) = (0, count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if isBehind(self[middle]) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }
}

public import Partitions

/// How a run ended at the limit of bytes that it may read.
public struct ByteLimit: Sendable, Hashable {
    /// The limit.
    public var limit: Int64
    /// The bytes of the sources of what was started.
    public var started: Int64
    /// The partition that would have been the next.
    public var next: PartitionKey
    /// The bytes of its sources, or those of an average partition where nobody knows.
    public var nextBytes: Int64

    /// Creates a value.
    public init(limit: Int64, started: Int64, next: PartitionKey, nextBytes: Int64) {
        self.limit = limit
        self.started = started
        self.next = next
        self.nextBytes = nextBytes
    }
}

/// How many bytes of sources a process may still begin with; a partition of unknown size counts as the mean of the others.
struct ByteBudget: Sendable {
    let limit: Int64
    private(set) var started: Int64 = 0
    /// The partition that did not fit; from then on nothing more is started.
    private(set) var end: ByteLimit?
    private var known: (sum: Double, count: Double)

    /// Creates a budget; `known` are sizes of partitions of the plan.
    init(limit: Int64, known: [Int64]) {
        self.limit = limit
        self.known = (known.reduce(0) { $0 + Double($1) }, Double(known.count))
    }

    /// Takes note of a size that has become known.
    mutating func learn(_ bytes: Int64) { known = (known.sum + Double(bytes), known.count + 1) }

    /// Decides what may be started; from the moment at which the first did not fit nothing is.
    ///
    /// - Parameters:
    ///   - keys: Partitions in the order in which they are to be started.
    ///   - prices: What is known of them.
    ///   - isFree: Whether a partition has been counted already.
    /// - Returns: Partitions that fit into the budget all together.
    mutating func fitting(
        _ keys: [PartitionKey], _ prices: [PartitionKey: PartitionPrice], isFree: (PartitionKey) -> Bool
    ) -> [PartitionKey] {
        var sum = started
        var fitting: [PartitionKey] = []
        var hasNew = false
        var isFull = end != nil
        for key in keys {
            if isFree(key) {
                fitting.append(key)
                continue
            }
            guard !isFull else { continue }
            let bytes = bytes(of: prices[key])
            let (total, overflows) = sum.addingReportingOverflow(bytes)
            if overflows || total > limit {
                isFull = true
                if !hasNew { end = ByteLimit(limit: limit, started: started, next: key, nextBytes: bytes) }
                continue
            }
            hasNew = true
            sum = total
            fitting.append(key)
        }
        return fitting
    }

    /// A partition was started.
    mutating func start(_ price: PartitionPrice?) { started += bytes(of: price) }

    private func bytes(of price: PartitionPrice?) -> Int64 {
        if let bytes = price?.bytes { return bytes }
        return known.count > 0 ? Int64(known.sum / known.count) : 0
    }
}

internal import Partitions

/// When the same error again and again pauses a run.
public struct BreakerPolicy: Sendable, Hashable {
    /// So many partitions in a row that failed with the same error.
    public var inARow: Int
    /// Or such a share of the latest partitions.
    public var share: Double
    /// How many partitions are the latest.
    public var latest: Int

    /// Creates a policy.
    public init(inARow: Int = 5, share: Double = 0.5, of latest: Int = 20) {
        self.inARow = max(1, inARow)
        self.share = min(1, max(0, share))
        self.latest = max(1, latest)
    }
}

/// Sees how the partitions of a run end, and says when it is no use to go on.
///
/// Only partitions count that were given up: what is tried again may yet succeed. A worker that died says nothing about
/// the partition, and is no end of one.
struct Breaker: Sendable {
    /// Why a run is paused.
    struct Trip: Sendable, Hashable, CustomStringConvertible {
        /// The error, as the last of the partitions had it.
        let error: String
        let count: Int
        /// The number of partitions among which they are; nil where they came in a row.
        let latest: Int?

        var description: String {
            let place = latest.map { "of the last \($0) partitions" } ?? "partitions in a row"
            return "\(count) \(place) failed with the same error: \(error)"
        }
    }

    private let policy: BreakerPolicy
    private var row: (signature: ErrorSignature, keys: Set<PartitionKey>)?
    /// What the latest partitions failed with; nil for those that did not.
    private var latest: [ErrorSignature?] = []

    init(_ policy: BreakerPolicy) {
        self.policy = policy
    }

    /// A partition was done.
    mutating func succeeded() {
        row = nil
        remember(nil)
    }

    /// A partition was given up.
    ///
    /// - Returns: Why the run is to pause; nil where it goes on. What was counted until then counts no longer.
    mutating func failed(_ key: PartitionKey, _ error: String) -> Trip? {
        let signature = ErrorSignature(of: error)
        var keys: Set<PartitionKey> = []
        if let row, row.signature == signature { keys = row.keys }
        keys.insert(key)
        row = (signature, keys)
        remember(signature)
        let count = latest.count { $0 == signature }
        var trip: Trip?
        if keys.count >= policy.inARow { trip = Trip(error: error, count: keys.count, latest: nil) }
        if trip == nil, latest.count == policy.latest, Double(count) >= policy.share * Double(latest.count) {
            trip = Trip(error: error, count: count, latest: latest.count)
        }
        guard trip != nil else { return nil }
        row = nil
        latest.removeAll()
        return trip
    }

    private mutating func remember(_ signature: ErrorSignature?) {
        latest.append(signature)
        if latest.count > policy.latest { latest.removeFirst() }
    }
}

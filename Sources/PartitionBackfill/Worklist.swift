internal import Partitions

/// What is left of a plan, seen from one process: which partitions to ask the ledger for, and which to wait for.
///
/// A partition is in one of these places: not yet reached by the cursor, a *candidate*, *in flight* (claimed by this
/// process), *waiting* (another process has it, or its retry is not yet due), or done.
struct Worklist: Sendable {
    private var cursor: PlanCursor
    private var order: BackfillRequest.Order
    private var candidates: [PartitionKey] = []
    private(set) var waiting: Set<PartitionKey> = []
    private(set) var inFlight: Set<PartitionKey> = []
    /// The partitions that a limited process has claimed: a retry of one of them is not a further partition.
    private var allowance: Allowance?
    /// What is known of partitions that were asked about, and are not claimed yet.
    private var prices: [PartitionKey: PartitionPrice] = [:]
    /// Whether what is left is in the order of its weights.
    private var isRanked = false

    /// How much this process may claim in all, and which partitions it has claimed.
    private struct Allowance: Sendable {
        /// Partitions; nil for any number.
        var left: Int?
        /// Bytes; nil for any number.
        var budget: ByteBudget?
        var claimed: Set<PartitionKey> = []

        var isSpent: Bool { left == 0 || budget?.end != nil }
    }

    init(
        plan: BackfillPlan, order: BackfillRequest.Order, selection: Selection, maxPartitions: Int?,
        budget: ByteBudget? = nil
    ) {
        cursor = PlanCursor(plan: plan, order: order, selection: selection)
        self.order = order
        if maxPartitions != nil || budget != nil { allowance = Allowance(left: maxPartitions, budget: budget) }
    }

    /// Nothing is left to claim or to wait for.
    var isExhausted: Bool {
        guard inFlight.isEmpty else { return false }
        if let allowance, allowance.isSpent {
            return allowance.claimed.isDisjoint(with: waiting) && allowance.claimed.isDisjoint(with: candidates)
        }
        return waiting.isEmpty && candidates.isEmpty && cursor.isAtEnd
    }

    /// The partitions not yet done, by this process or another, as far as is known.
    var remainingCount: Int { candidates.count + waiting.count + inFlight.count + cursor.remainingCount }

    /// What did not fit into the limit of bytes; nil where there is none, or nothing came up to it.
    var byteLimit: ByteLimit? { allowance?.budget?.end }

    // MARK: Prices

    /// Looks whether prices decide what is asked for next that are not known.
    ///
    /// - Parameters:
    ///   - size: The size of the next window.
    ///   - workers: The number of workers; nil where nothing is claimed by its length, because each takes a moment only.
    /// - Returns: The partitions to price first.
    mutating func unpriced(of size: Int, workers: Int?) -> [PartitionKey] {
        if allowance?.isSpent == true { return [] }
        if order == .largest, !isRanked, !cursor.isAtEnd { return cursor.sample() }
        if allowance?.budget != nil {
            fill(to: size)
            return candidates.prefix(size).filter { prices[$0] == nil }
        }
        guard isAtEnd(workers) else { return [] }
        let unpriced = candidates.filter { prices[$0] == nil }
        if unpriced.isEmpty { rankCandidates() }
        return unpriced
    }

    /// Whether the last partitions of an unlimited process are left, which then are candidates.
    ///
    /// A process that is to do some of the partitions only does those that come first.
    private mutating func isAtEnd(_ workers: Int?) -> Bool {
        guard let workers, allowance == nil, !isRanked,
            LongestAtEnd.isReached(left: candidates.count + cursor.remainingCount, workers: workers)
        else { return false }
        fill(to: .max)
        return true
    }

    /// Takes prices of partitions that were asked about.
    ///
    /// - Parameters:
    ///   - keys: The partitions.
    ///   - found: What is known of them.
    ///   - workers: The number of workers, as above.
    mutating func price(_ keys: [PartitionKey], _ found: [PartitionKey: PartitionPrice], workers: Int?) {
        for key in keys {
            let price = found[key] ?? PartitionPrice()
            if let bytes = price.bytes { allowance?.budget?.learn(bytes) }
            if allowance?.budget != nil { prices[key] = price }
        }
        if order == .largest, !isRanked {
            cursor.rank(keys, by: Weights(found))
            isRanked = true
        } else if isAtEnd(workers) {
            for key in keys { prices[key] = found[key] ?? PartitionPrice() }
            rankCandidates()
        }
    }

    private mutating func rankCandidates() {
        candidates = Weights(prices).clearlyHeaviestFirst(candidates)
        isRanked = true
    }

    // MARK: Claims

    /// The next partitions to ask the ledger for, in the order of preference.
    mutating func window(of size: Int) -> [PartitionKey] {
        if let allowance, allowance.isSpent { return candidates.filter(allowance.claimed.contains) }
        fill(to: size)
        let window = Array(candidates.prefix(size))
        guard var allowance, allowance.budget != nil else { return window }
        let fitting = allowance.budget?.fitting(window, prices, isFree: allowance.claimed.contains) ?? window
        self.allowance = allowance
        return fitting
    }

    private mutating func fill(to size: Int) {
        while candidates.count < size, let key = cursor.next() { candidates.append(key) }
    }

    /// How many partitions of a window may be claimed, where there is room for `room`.
    func limit(_ room: Int, of window: [PartitionKey]) -> Int {
        guard let allowance, let left = allowance.left else { return room }
        return min(room, left + window.count(where: allowance.claimed.contains))
    }

    /// Takes the ledger's answer to a window.
    ///
    /// The ledger grants in the order of the window, up to the limit: what stands before the last grant and was not
    /// granted is somebody else's for now; what stands behind it was not looked at, if the limit was reached.
    mutating func apply(granted: [PartitionKey], of window: [PartitionKey], limit: Int) {
        let grantedKeys = Set(granted)
        let wasCutShort = granted.count >= limit
        let lastGrant = window.lastIndex(where: grantedKeys.contains)
        let lookedAt = Set(wasCutShort ? window.prefix((lastGrant ?? -1) + 1) : window[...])
        candidates.removeAll(where: lookedAt.contains)
        waiting.formUnion(lookedAt.subtracting(grantedKeys))
        inFlight.formUnion(granted)
        spend(grantedKeys)
        for key in granted { prices[key] = nil }
    }

    private mutating func spend(_ granted: Set<PartitionKey>) {
        guard var allowance else { return }
        let new = granted.subtracting(allowance.claimed)
        allowance.left = allowance.left.map { max(0, $0 - new.count) }
        for key in new { allowance.budget?.start(prices[key]) }
        allowance.claimed.formUnion(granted)
        self.allowance = allowance
    }

    /// Visits what nobody has been asked for yet in another order.
    mutating func setOrder(_ order: BackfillRequest.Order) {
        guard order != self.order else { return }
        self.order = order
        cursor.restart(order, with: candidates)
        candidates.removeAll()
        isRanked = false
    }

    /// A partition of this process is done, by whatever outcome.
    mutating func finish(_ key: PartitionKey) { inFlight.remove(key) }

    /// A partition of this process is to be looked at again later: its retry is due then, or another attempt has it.
    mutating func wait(for key: PartitionKey) {
        inFlight.remove(key)
        waiting.insert(key)
    }

    /// A waiting partition may be asked for again.
    mutating func reconsider(_ key: PartitionKey) {
        guard waiting.remove(key) != nil else { return }
        candidates.append(key)
    }

    /// A waiting partition was finished by another process.
    mutating func finishElsewhere(_ key: PartitionKey) { waiting.remove(key) }
}

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

    /// How many partitions this process may claim in all, and which it has claimed.
    private struct Allowance: Sendable {
        var left: Int
        var claimed: Set<PartitionKey> = []
    }

    init(plan: BackfillPlan, order: BackfillRequest.Order, selection: Selection, maxPartitions: Int?) {
        cursor = PlanCursor(plan: plan, order: order, selection: selection)
        self.order = order
        allowance = maxPartitions.map { Allowance(left: $0) }
    }

    /// Nothing is left to claim or to wait for.
    var isExhausted: Bool {
        guard inFlight.isEmpty else { return false }
        if let allowance, allowance.left == 0 {
            return allowance.claimed.isDisjoint(with: waiting) && allowance.claimed.isDisjoint(with: candidates)
        }
        return waiting.isEmpty && candidates.isEmpty && cursor.isAtEnd
    }

    /// The partitions not yet done, by this process or another, as far as is known.
    var remainingCount: Int { candidates.count + waiting.count + inFlight.count + cursor.remainingCount }

    /// The next partitions to ask the ledger for, in the order of preference.
    mutating func window(of size: Int) -> [PartitionKey] {
        if let allowance, allowance.left == 0 { return candidates.filter(allowance.claimed.contains) }
        while candidates.count < size, let key = cursor.next() { candidates.append(key) }
        return Array(candidates.prefix(size))
    }

    /// How many partitions of a window may be claimed, where there is room for `room`.
    func limit(_ room: Int, of window: [PartitionKey]) -> Int {
        guard let allowance else { return room }
        return min(room, allowance.left + window.count(where: allowance.claimed.contains))
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
        if var allowance {
            allowance.left = max(0, allowance.left - grantedKeys.subtracting(allowance.claimed).count)
            allowance.claimed.formUnion(granted)
            self.allowance = allowance
        }
    }

    /// Visits what nobody has been asked for yet in another order.
    mutating func setOrder(_ order: BackfillRequest.Order) {
        guard order != self.order else { return }
        self.order = order
        cursor.restart(order, with: candidates)
        candidates.removeAll()
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

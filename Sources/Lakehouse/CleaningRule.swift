/// Where the ledger says that an attempt stands, by the database's clock.
public enum AttemptStanding: Sendable, Hashable {
    /// It has a claim whose lease has not ended.
    case live
    /// It has not been recorded as ended, but its lease has.
    case lapsed
    /// What it staged is held, and nobody has decided on it, or somebody is just publishing it.
    case held
    /// It ended some time ago.
    case ended(ago: Duration)
    /// The ledger has never heard of it: it comes from another ledger, or from one that was lost.
    case unknown
}

/// Says what may be removed: a pure function of what lies there and what the ledger knows.
public struct CleaningRule: Sendable, Hashable {
    /// How long a replaced generation is kept after its replacement.
    public var keep: Duration
    /// There is no other ledger: what this one does not know is garbage, and past its grace.
    public var removesUnknown: Bool

    /// Creates a rule.
    public init(keep: Duration, removesUnknown: Bool = false) {
        self.keep = keep
        self.removesUnknown = removesUnknown
    }

    /// Decides on each leftover of a partition.
    public func decide(
        _ leftovers: PartitionLeftovers, standings: [Writer: AttemptStanding]
    ) -> CleaningDecision {
        var decision = CleaningDecision()
        for item in leftovers.items where item.kind != .record {
            let standing = standings[item.writer] ?? .unknown
            if isRemovable(item, standing) {
                decision.removable.append(item)
            } else if standing == .unknown {
                decision.unknown.append(item)
            }
        }
        // A record goes with the last of what it describes, and after it.
        let gone = Set(decision.removable.filter { $0.kind == .replaced }.map(\.writer))
        for record in leftovers.items where record.kind == .record {
            let standing = standings[record.writer] ?? .unknown
            if isDead(standing), record.neededBy.isSubset(of: gone) { decision.removable.append(record) }
        }
        return decision
    }

    private func isRemovable(_ item: Leftover, _ standing: AttemptStanding) -> Bool {
        switch item.kind {
        case .staging, .unfinishedPublish, .record: return isDead(standing)
        case .held, .batches:
            // Age decides nothing. A lapsed attempt may wake up and tell the ledger of it.
            if case .ended = standing { return true }
            return standing == .unknown && removesUnknown
        case .remains: return true
        case .replaced:
            // An attempt that has not ended may still be undone by what it replaced.
            if case .ended(let ago) = standing { return ago >= keep }
            return standing == .unknown && removesUnknown
        }
    }

    /// Whether nobody works on the attempt any more, as far as the ledger knows.
    private func isDead(_ standing: AttemptStanding) -> Bool {
        switch standing {
        case .live: false
        case .lapsed, .held, .ended: true
        case .unknown: removesUnknown
        }
    }
}

/// What a rule has decided on the leftovers of a partition.
public struct CleaningDecision: Sendable, Hashable {
    /// What may go, in the order in which it must.
    public var removable: [Leftover] = []
    /// What stays because the ledger does not know its attempt.
    public var unknown: [Leftover] = []

    /// Creates an empty decision.
    public init() {}
}

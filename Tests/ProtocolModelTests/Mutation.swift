import ProtocolModel

/// Guards that are taken out, and what that must break.
struct Mutation: Sendable, CustomStringConvertible {
    let name: String
    let removed: Guards
    /// The invariants of which one must be found broken.
    let breaks: Set<Invariant>
    var allowsFailover = false
    /// Where the history is rare: what to draw more often.
    var adjust: @Sendable (inout Scenario) -> Void = { _ in }

    var description: String { "without \(name)" }

    var options: Simulation.Options {
        var options = Simulation.Options()
        options.guards.subtract(removed)
        options.allowsFailover = allowsFailover
        options.adjust = adjust
        return options
    }

    /// Two processes that take turns after every few steps, on one partition that does not exist yet.
    private static let closeRace: @Sendable (inout Scenario) -> Void = {
        $0.keys = 1
        $0.startsWithPartitions = false
        $0.switches = 400
        $0.slowListings = 60
    }

    /// The same for a partition that exists.
    private static let closeReplacement: @Sendable (inout Scenario) -> Void = {
        closeRace(&$0)
        $0.startsWithPartitions = true
    }

    /// Two processes on one partition that lose their leases, and die, all the time.
    private static let deadlyRace: @Sendable (inout Scenario) -> Void = {
        $0 = Scenario()
        $0.switches = 300
        $0.slowListings = 80
        $0.delays = 100
        $0.crashes = 30
    }

    /// The same for a partition that exists.
    private static let deadlyReplacement: @Sendable (inout Scenario) -> Void = {
        deadlyRace(&$0)
        $0.startsWithPartitions = true
        $0.crashes = 60
        $0.slowListings = 20
    }

    /// Three processes that take the partition over from one another while they are stopped.
    private static let threeInARow: @Sendable (inout Scenario) -> Void = {
        deadlyRace(&$0)
        $0.workers = 3
        $0.crashes = 0
        $0.stops = 30
        $0.delays = 150
    }

    /// Every guard on which something rests, alone or together with the one that stands in for it.
    static let all: [Mutation] = ledger + table + worker

    private static let ledger = [
        Mutation(
            name: "fence and claim id in marks", removed: [.fenceInMarks, .claimIDInMarks],
            breaks: [.marksAreOwn, .completeMeansPublished]),
        Mutation(
            name: "the claim id in marks, where fences are given twice", removed: .claimIDInMarks,
            breaks: [.marksAreOwn], allowsFailover: true),
        Mutation(name: "RUNNING in marks", removed: .runningInMarks, breaks: [.marksAreOwn, .historyIsFinal]),
        Mutation(name: "the plan's fence", removed: .planFence, breaks: [.planIsFrozen]),
        Mutation(name: "a new fence for a takeover", removed: .newFenceOnTakeover, breaks: [.fenceGrows]),
        Mutation(name: "the lease in a claim", removed: .leaseInClaim, breaks: [.liveWorkerKeepsClaim]),
        Mutation(
            name: "one claim of a table's partition", removed: .oneClaimPerTablePartition, breaks: [.oneLiveClaim]),
    ]

    private static let table = [
        Mutation(
            name: "the looks for higher fences", removed: [.lookInBegin, .lookInPublish, .leaseTrust],
            breaks: [.higherFenceStays]),
        Mutation(
            name: "installing before looking", removed: [.installBeforeLook, .leaseTrust],
            breaks: [.higherFenceStays, .completeMeansDurable], adjust: closeReplacement),
        Mutation(name: "revocation", removed: .revocation, breaks: [.higherFenceStays]),
        Mutation(
            name: "the record before the exchange", removed: .recordBeforeExchange,
            breaks: [.replacedIsKept, .completeMeansDurable]),
        Mutation(name: "names before the record", removed: .namesBeforeRecord, breaks: [.replacedIsKept]),
        Mutation(
            name: "doubt about an empty folder", removed: .emptyFolderTellsNothing, breaks: [.replacedIsKept],
            adjust: deadlyReplacement),
        Mutation(
            name: "a second listing", removed: .secondListing, breaks: [.replacedIsKept], adjust: closeReplacement),
        Mutation(
            name: "the record before the contents", removed: .recordBeforeContents, breaks: [.replacedIsKept],
            adjust: threeInARow),
        Mutation(
            name: "settling what is visible", removed: .visibleIsUnsettled, breaks: [.completeMeansDurable],
            adjust: deadlyRace),
        Mutation(
            name: "the look at what came out", removed: .verifyWhatCameOut, breaks: [.foreignIsNotLost],
            adjust: { $0.foreignWrites = 40 }),
        Mutation(
            name: "the sync before the exchange", removed: .syncBeforeExchange,
            breaks: [.completeMeansDurable, .generationIsWhole]),
        Mutation(
            name: "the sync before COMPLETE", removed: .syncBeforeComplete,
            breaks: [.completeMeansDurable, .completeMeansPublished]),
    ]

    private static let worker = [
        Mutation(name: "adoption", removed: .adoption, breaks: [.executedOnce]),
        Mutation(
            name: "the second look: adopting by what was seen before begin", removed: .adoptionAfterBegin,
            breaks: [.executedOnce, .completeMeansPublished]),
        Mutation(
            name: "the history in adoption", removed: .adoptionChecksHistory, breaks: [.completeIsOfItsVersion]),
        Mutation(
            name: "the reopening in adoption", removed: .adoptionEndsAtReopening, breaks: [.completeIsOfItsVersion],
            adjust: { $0.marks = 20 }),
    ]

    /// Guards that another one stands in for: alone they can go without harm.
    static let doubled = [
        Mutation(name: "the fence in marks", removed: .fenceInMarks, breaks: []),
        Mutation(
            name: "the fence in marks, where fences are given twice", removed: .fenceInMarks, breaks: [],
            allowsFailover: true),
        Mutation(name: "the look in begin", removed: [.lookInBegin, .leaseTrust], breaks: []),
        Mutation(name: "the look in publish", removed: [.lookInPublish, .leaseTrust], breaks: []),
        Mutation(name: "removing the record first", removed: .recordRemovedFirst, breaks: []),
    ]
}

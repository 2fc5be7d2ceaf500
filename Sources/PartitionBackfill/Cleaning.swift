internal import BlockingWork
public import Lakehouse
public import Partitions
public import ProgressStore
public import Transforms

/// What is to be cleaned up.
public struct CleaningRequest: Sendable, Hashable {
    /// What may go.
    public var rule: CleaningRule
    /// Nothing is changed; what would go is told.
    public var isDryRun: Bool
    /// What was replaced, and nobody has measured, is measured and recorded before it goes.
    public var measuresReplaced: Bool
    /// How much is measured at the same time.
    public var workers: Int

    /// Creates a request.
    public init(rule: CleaningRule, isDryRun: Bool = false, measuresReplaced: Bool = true, workers: Int = 1) {
        self.rule = rule
        self.isDryRun = isDryRun
        self.measuresReplaced = measuresReplaced
        self.workers = workers
    }
}

/// What happened to one leftover, or would.
public enum CleaningEvent: Sendable, Hashable {
    /// It went; of a publish, it was brought to its end.
    case removed(PartitionKey, Leftover)
    /// The ledger does not know its attempt, so it stays.
    case unknown(PartitionKey, Leftover)
    /// It goes, and its rows were measured before, or would be; `unrecorded` is why the ledger did not take the numbers.
    case measured(PartitionKey, Leftover, unrecorded: String?)
    /// It goes, and its rows could not be read before; the reason is a sentence.
    case unreadable(PartitionKey, Leftover, reason: String)
    /// Something of the table as a whole went.
    case removedFromTable(TableLeftover)
}

/// Removes what dead attempts and past generations have left beside a table.
public struct Cleaning: Sendable {
    /// Partitions whose attempts the ledger is asked about together.
    private static let groupSize = 128

    private let job: Job
    private let table: any Table
    private let ledger: Ledger
    private let engine: any Engine

    /// Creates a cleaning; the engine measures what has to be measured before it goes.
    ///
    /// - Throws: `TableError` where the job has no table, or one that cannot be.
    public init(job: Job, ledger: Ledger, engine: any Engine = DuckDBSQLEngine()) throws {
        guard let table = try job.openTable() else { throw TableError.noTable(of: job, to: "clean up") }
        self.init(job: job, table: table, ledger: ledger, engine: engine)
    }

    /// Creates a cleaning of a job whose table is open already.
    package init(job: Job, table: any Table, ledger: Ledger, engine: any Engine = DuckDBSQLEngine()) {
        self.engine = engine
        self.job = job
        self.ledger = ledger
        self.table = table
    }

    /// Looks at everything beside the table, and removes what may go.
    ///
    /// Runs and other cleanings may go on meanwhile. A cancelled task ends it between two leftovers.
    public func run(
        _ request: CleaningRequest, onEvent: (CleaningEvent) throws -> Void
    ) async throws {
        let thread = BlockingThread(label: "reprocess.clean")
        let granularity = job.partitioning.every
        let keys = try await thread.run { [table] in try table.partitionsWithLeftovers(granularity) }
        var rest = keys[...]
        while !rest.isEmpty {
            try await clean(rest.prefix(Cleaning.groupSize), request, thread, onEvent)
            rest = rest.dropFirst(Cleaning.groupSize)
        }
        for leftover in try await thread.run({ [table] in try table.tableLeftovers() }) {
            try Task.checkCancellation()
            if request.isDryRun {
                try onEvent(.removedFromTable(leftover))
            } else if try await thread.run({ [table] in try table.remove(leftover) }) {
                try onEvent(.removedFromTable(leftover))
            }
        }
    }

    private func clean(
        _ keys: ArraySlice<PartitionKey>, _ request: CleaningRequest, _ thread: BlockingThread,
        _ onEvent: (CleaningEvent) throws -> Void
    ) async throws {
        try Task.checkCancellation()
        let found = try await thread.run { [table] in try keys.map { try table.leftovers(of: $0) } }
        // The ledger is asked after the look: what begins in between has not been seen, and is not touched.
        let standings = try await standings(of: found.reduce(into: Set<Writer>()) { $0.formUnion($1.writers) })
        let needed = try await neededBatches(found)
        let decided = found.map { $0.without(batches: needed) }.map {
            (leftovers: $0, decision: request.rule.decide($0, standings: standings))
        }
        try await measure(
            decided.flatMap { decided in decided.decision.removable.map { (decided.leftovers.key, $0) } }, request,
            onEvent)
        for (leftovers, decision) in decided {
            for item in decision.unknown { try onEvent(.unknown(leftovers.key, item)) }
            for item in decision.removable {
                try Task.checkCancellation()
                if request.isDryRun {
                    try onEvent(.removed(leftovers.key, item))
                } else if try await thread.run({ [table] in try table.remove(item, of: leftovers.key) }) {
                    try onEvent(.removed(leftovers.key, item))
                }
            }
        }
        guard !request.isDryRun else { return }
        // Of no attempt: what goes is the folder of a partition's batches, where nothing is left in it.
        try await thread.run { [table] in for key in keys { try table.dropBatches(key, through: 0) } }
    }

    /// Measures replaced generations that are about to go, and that nobody has measured.
    ///
    /// One that cannot be read goes all the same: it would stay for ever.
    private func measure(
        _ removable: [(key: PartitionKey, item: Leftover)], _ request: CleaningRequest,
        _ onEvent: (CleaningEvent) throws -> Void
    ) async throws {
        // Of a Delta table only files of this program go, which were measured when they were written.
        guard request.measuresReplaced, job.measures, table is HiveTable else { return }
        let replaced = removable.filter { $0.item.kind == .replaced }
        let versions = try await ledger.unmeasuredReplacements(fences: Set(replaced.map(\.item.writer.fence)))
        let unmeasured = replaced.filter { versions[$0.item.writer.fence] != nil }
        guard !request.isDryRun else {
            for (key, item) in unmeasured { try onEvent(.measured(key, item, unrecorded: nil)) }
            return
        }
        let measuring = ReplacedMeasuring(job: job, table: table, ledger: ledger, engine: engine)
        let outcomes = try await inParallel(unmeasured, workers: max(1, request.workers)) { key, item in
            try await measuring.measure(key, replacedBy: item.writer, version: versions[item.writer.fence] ?? "")
        }
        for ((key, item), outcome) in zip(unmeasured, outcomes) {
            switch outcome {
            case .measured(_, let unrecorded): try onEvent(.measured(key, item, unrecorded: unrecorded))
            case .unreadable(let reason): try onEvent(.unreadable(key, item, reason: reason))
            // What is being removed is not what the attempt replaced, or somebody else has just removed it.
            case .gone: break
            }
        }
    }

    /// The attempts whose finished batches somebody will go on with.
    private func neededBatches(_ found: [PartitionLeftovers]) async throws -> Set<Writer> {
        let fences = found.flatMap(\.items).filter { $0.kind == .batches }.map(\.writer.fence)
        return Set(
            try await ledger.neededBatches(fences: Set(fences)).map { Writer(fence: $0.fence, claimID: $0.claimID) })
    }

    private func standings(of writers: Set<Writer>) async throws -> [Writer: AttemptStanding] {
        let known = try await ledger.knownAttempts(fences: Set(writers.map(\.fence)))
        var standings: [Writer: AttemptStanding] = [:]
        for writer in writers {
            standings[writer] = AttemptStanding(known[writer.fence], of: writer)
        }
        return standings
    }
}

extension PartitionLeftovers {
    /// What is left of them without finished batches that are needed.
    fileprivate func without(batches needed: Set<Writer>) -> PartitionLeftovers {
        PartitionLeftovers(key: key, items: items.filter { $0.kind != .batches || !needed.contains($0.writer) })
    }
}

extension AttemptStanding {
    /// What the ledger knows of an attempt: one with its fence and another claim id is not its own.
    init(_ attempt: KnownAttempt?, of writer: Writer) {
        guard let attempt, attempt.claimID == writer.claimID else {
            self = .unknown
            return
        }
        if attempt.isLive {
            self = .live
        } else if attempt.isHeld {
            self = .held
        } else if let ago = attempt.endedAgo {
            self = .ended(ago: ago)
        } else {
            self = .lapsed
        }
    }
}

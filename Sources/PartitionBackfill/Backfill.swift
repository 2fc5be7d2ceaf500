internal import BlockingWork
internal import FaultPoints
internal import Foundation
public import Lakehouse
internal import Partitions
public import ProgressStore
internal import Synchronization
public import Transforms

/// The controller of one job: plans a range, runs it, and shares it with any number of other processes.
public struct Backfill: Sendable {
    /// The job.
    public let job: Job
    /// The ledger.
    public let ledger: Ledger
    /// The engine.
    public let engine: any Engine
    /// The table that the job writes; nil for a job without a target.
    public let table: (any Table)?
    let sources = DeltaSources()
    /// The clock by which runs look at what is asked of them.
    var clock = RunClock()
    /// What has to be well before there is a plan, and goes on while it is made; may be asked more than once.
    package var readiness: @Sendable () async throws -> Void = {}

    /// Creates a controller.
    ///
    /// - Throws: `TableError` where the target's path or partition column cannot be.
    public init(job: Job, ledger: Ledger, engine: any Engine) throws {
        self.job = job
        self.ledger = ledger
        self.engine = engine
        table = try job.openTable()
    }

    /// Creates a controller of a job whose table is open already.
    package init(job: Job, table: any Table, ledger: Ledger, engine: any Engine) {
        self.job = job
        self.ledger = ledger
        self.engine = engine
        self.table = table
    }

    /// Decides for each partition whether it would run, and why.
    ///
    /// Changes nothing, and needs no right to write to the table.
    ///
    /// - Throws: `LedgerError`; `TableError` where the table is one that no run may write, and where something would run
    ///   and a Delta table among its sources is not there or cannot be read.
    public func plan(_ request: BackfillRequest) async throws -> BackfillPlan {
        let plan: BackfillPlan
        do {
            plan = try await makePlan(request)
        } catch {
            // Both may be wrong: which error is told must not depend on which came first.
            try await readiness()
            throw error
        }
        try await readiness()
        return plan
    }

    private func makePlan(_ request: BackfillRequest) async throws -> BackfillPlan {
        try await checkTable()
        // Read before the rows: what ends in between has a lower fence than what a later claim gets.
        let fence = try await ledger.currentFence()
        let comparison = sourceComparison(request)
        let decision = PlanDecision(
            transformVersion: job.version, selection: request.selection, tableIdentity: table?.identity,
            comparesSources: comparison != nil)
        let builder = Mutex(PlanBuilder(decision: decision, granularity: request.partitions.granularity))
        let settling = try await settling(request)
        for range in request.partitions.ranges {
            let (settled, recent): (PartitionRange, PartitionRange?) = settling?.divide(range) ?? (range, nil)
            builder.withLock { $0.begin(settled) }
            try await ledger.forEachPlanRow(job: job.name, tableIdentity: table?.identity, in: settled) { row in
                builder.withLock { $0.add(row) }
            }
            builder.withLock {
                $0.endRange()
                if let recent { $0.skip(recent, .tooRecent) }
            }
        }
        if let changed = try await comparison?.changed(among: builder.withLock(\.recordedSources)) {
            builder.withLock { $0.mark(changed) }
        }
        let plan = BackfillPlan(
            job: job.name, range: request.partitions.hull ?? request.emptyRange,
            segments: builder.withLock { $0.segments }, fence: fence)
        try await checkSources(of: plan)
        return plan
    }

    /// How the sources of COMPLETE partitions are compared; nil where they are not.
    private func sourceComparison(_ request: BackfillRequest) -> SourceComparison? {
        guard !request.ignoresSources, request.selection == .unfinished || request.selection == .stale else {
            return nil
        }
        return SourceComparison(job: job, tables: sources)
    }

    /// Looks at tables that are read before anything is claimed: what one cannot be read for fails every partition.
    private func checkSources(of plan: BackfillPlan) async throws {
        guard case .sql(let query) = job.transform, query.sources.contains(where: { $0.format == .delta }),
            let first = plan.segments.first(where: \.reason.isRun)?.range.first
        else { return }
        let (sources, column) = (sources, job.partitioning.column)
        try await BlockingThread(label: "reprocess.sources").run {
            try sources.check(query.sources, key: first, column: column)
        }
    }

    /// Runs a plan to its end: claims until nothing of it is left.
    ///
    /// A cancelled task interrupts what runs, releases it and throws `CancellationError`.
    ///
    /// - Parameters:
    ///   - plan: The plan, made from the same request.
    ///   - request: The request.
    ///   - stop: How the run is stopped before its end.
    ///   - onEvent: Called for each event, from any thread, never two at a time.
    /// - Returns: How it ended.
    /// - Throws: `TableError` where the table cannot be written, `TransformError` where the engine cannot be had, and
    ///   `LedgerError` where the ledger is gone for longer than it is waited for.
    public func run(
        _ plan: BackfillPlan, _ request: BackfillRequest, stop: StopSignal,
        onEvent: @escaping @Sendable (BackfillEvent) -> Void
    ) async throws -> BackfillReport {
        let start = ContinuousClock.now
        let skipped = plan.skippedCount(by: request.selection)
        let budget = try await byteBudget(plan, request)
        let run = try await ledger.openRun(runRequest(plan, request))
        try FaultInjector.fromEnvironment.reached(.runOpened)
        let events = EventSink(onEvent)
        events.emit(.started(run: run, plan: plan, workers: request.workers))
        let worklist = Worklist(
            plan: plan, order: request.order, selection: request.selection, maxPartitions: request.maxPartitions,
            budget: budget)
        let dispatcher = Dispatcher(
            worklist: worklist, workers: request.workers, threads: engine.threads, lease: request.lease)
        let body = BackfillRun(
            job: job, table: table, ledger: ledger, engine: engine, sources: sources, plan: plan, request: request,
            run: run, dispatcher: dispatcher, events: events, steering: SteeringState(request), clock: clock)
        await dispatcher.apply(request.settings, hasLimits: !request.settings.limits.isNone)
        // A window is opened by the first look at the ledger's clock.
        if request.window != nil { await dispatcher.admit(false) }
        do {
            try await body.execute(stop: stop)
            try await cancelRest(of: body)
        } catch {
            await recordEnd(of: run, body.tally.counts, skipped: skipped, outcome: "CRASHED")
            throw error
        }
        let counts = body.tally.counts
        await recordEnd(of: run, counts, skipped: skipped, outcome: counts.outcome)
        return BackfillReport(
            run: run, complete: counts.complete, completedElsewhere: counts.completedElsewhere, failed: counts.failed,
            held: counts.held.count + plan.counts[.held, default: 0], skipped: skipped, cancelled: counts.cancelled,
            remaining: await dispatcher.remainingCount + counts.interrupted, wasStopped: counts.wasStopped,
            rows: counts.rows,
            bytes: counts.bytes, duration: .now - start, heldPartitions: counts.held, unchanged: counts.unchanged,
            changed: PartitionSet(granularity: plan.range.granularity, keys: counts.changed),
            earlyEnd: counts.earlyEnd, byteLimit: await dispatcher.byteLimit)
    }

    /// Marks what nobody has begun of a run that was called off, when this process holds nothing of it any more.
    private func cancelRest(of body: BackfillRun) async throws {
        guard case .cancelled(let user, let reason)? = body.tally.counts.earlyEnd else { return }
        let words = ["Cancelled by \(user ?? "somebody")", reason].compactMap { $0 }.joined(separator: ": ")
        let cancelled = try await ledger.cancelRest(
            job: job.name, run: body.run, planned: planned(body.plan), reason: words)
        await body.dispatcher.noteCancelled(cancelled.count)
        for _ in cancelled { body.tally.noteCancelled() }
    }

    /// What no run may write is told before there is a plan, and not by every partition of it.
    private func checkTable() async throws {
        guard let table else { return }
        try await BlockingThread(label: "reprocess.plan").run { try table.checkSuitability() }
    }

    private func settling(_ request: BackfillRequest) async throws -> Settling? {
        guard let settle = request.settle else { return nil }
        return Settling(granularity: request.partitions.granularity, settle: settle, now: try await ledger.now())
    }

    private func runRequest(_ plan: BackfillPlan, _ request: BackfillRequest) -> RunRequest {
        RunRequest(
            job: job.name, range: plan.range, planned: planned(plan), tableIdentity: table?.identity,
            options: request.options, reason: request.reason, transformVersion: job.version)
    }

    private func planned(_ plan: BackfillPlan) -> PartitionSet {
        var planned = PartitionSet(granularity: plan.range.granularity, keys: EmptyCollection())
        for segment in plan.segments where segment.reason.isRun { planned.append(segment.range) }
        return planned
    }

    /// The end of a run is for people who read the history: where it cannot be recorded, nothing else is lost.
    private func recordEnd(
        of run: Int64, _ counts: RunTally.Counts, skipped: Int, outcome: String
    ) async {
        let result = RunResult(
            complete: counts.complete - counts.completedElsewhere, failed: counts.failed.count,
            skipped: skipped, outcome: outcome)
        _ = await Task {
            try FaultInjector.fromEnvironment.reached(.closing)
            try await ledger.closeRun(run, result)
            try FaultInjector.fromEnvironment.reached(.closed)
        }.result
    }
}

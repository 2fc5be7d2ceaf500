internal import BlockingWork
internal import FaultPoints
internal import Lakehouse
internal import ProgressStore
internal import Transforms

/// What each worker does with its claims.
extension BackfillRun {
    func work(_ number: Int) async throws -> Part {
        var session = try await engine.openSession()
        var thread = BlockingThread(label: "reprocess.worker.\(number)")
        while let claim = await dispatcher.nextClaim(worker: number) {
            let batches = AttemptBatches(
                job: job, table: table, ledger: ledger, claim: claim, thread: thread, limit: request.maxBatches,
                tell: { events.emit($0) })
            let attempt = PartitionAttempt(
                job: job, table: table, ledger: ledger, claim: claim, run: run, session: session, thread: thread,
                sources: AttemptSources(sources, thread: thread), rules: rules, meter: AttemptMeter(now: clock.engine),
                batches: batches,
                awaitTrust: { await dispatcher.awaitTrust(in: claim.token) }, tell: { events.emit($0) })
            // A task of its own, so that a lost lease cancels this partition and not the worker.
            let task = Task {
                await EngineMeter.$current.withValue(attempt.meter.engine) { await finish(claim, attempt: attempt) }
            }
            let hasEnded = await withTaskCancellationHandler {
                await dispatcher.attend(claim.token, task: task)
            } onCancel: {
                task.cancel()
            }
            try tally.rethrowFatal()
            if !hasEnded {
                // The attempt still has them.
                session = try await engine.openSession()
                thread = BlockingThread(label: "reprocess.worker.\(number)")
            }
        }
        await session.close()
        return .worker(number)
    }

    private func finish(_ claim: Claim, attempt: PartitionAttempt) async {
        let start = ContinuousClock.now
        let result = await attempt.run()
        for notice in table?.takeNotices() ?? [] { events.emit(.tableNotice(message: notice)) }
        switch result {
        case .published(var facts):
            // Whoever has taken the claim away meanwhile has said so.
            guard await dispatcher.beginMark(claim.token) else { return }
            facts.cost = attempt.meter.cost
            // In the order in which partitions end: the ledger records it later, when the next ones may have failed.
            steering.noteSucceeded()
            let completion = Completion(token: claim.token, facts: facts)
            await recorder.submit(
                .init(
                    completion: completion, duration: .now - start,
                    batches: attempt.batches.isUsed ? attempt.batches : nil))
        case .lost:
            // A heartbeat may have said so before.
            if await dispatcher.putBack(claim.token) { events.emit(.lost(claim.key)) }
        case .held(var facts):
            facts.cost = attempt.meter.cost
            await markHeld(claim, facts, attempt.batches)
        case .interrupted(let limit):
            await interrupt(claim, limit)
        case .failed(let error, let judgement):
            if let deadline = request.deadline, await dispatcher.wasLate(claim.token) {
                let error = DeadlineError(deadline: deadline, wasAbandoned: false)
                return await markFailed(claim, error, cost: attempt.meter.cost)
            }
            // The lease was lost, or the run is being aborted, which releases what it holds.
            if Task.isCancelled || error is CancellationError { return }
            await markFailed(claim, error, judgement, cost: attempt.meter.cost)
        }
    }

    private var rules: PartitionAttempt.Rules {
        .init(holdsEverything: request.holdsEverything, rewritesUnchanged: request.rewritesUnchanged)
    }

    func markFailed(
        _ claim: Claim, _ error: any Error, _ judgement: JudgementRecord? = nil, cost: AttemptCost = AttemptCost()
    ) async {
        guard await dispatcher.beginMark(claim.token) else { return }
        let (directive, message) = await decide(claim, error)
        do {
            try FaultInjector.fromEnvironment.reached(.failing)
            let outcome = try await ledger.fail(
                job: job.name, claim.token, error: message, directive, judgement: judgement, cost: cost)
            try FaultInjector.fromEnvironment.reached(.failed)
            await noteFailure(claim, message, directive, outcome)
        } catch {
            tally.noteFatal(error)
        }
    }

    /// What becomes of the partition, and what people are told of it.
    private func decide(_ claim: Claim, _ error: any Error) async -> (FailureDirective, String) {
        let message = String(describing: error)
        if FailureClass(of: error).nature == .outOfMemory {
            if let crew = await dispatcher.memoryRanOut(in: claim.token) {
                // Where the engine cannot take fewer threads, fewer workers may do.
                try? await engine.useThreads(crew.threads)
                events.emit(.steered(.crew(workers: crew.workers, threads: crew.threads)))
                return (.retry(after: .zero), message)
            }
        }
        let directive = RetryPolicy(retries: request.retries).directive(
            failures: claim.failures + 1, error: error, random: Double.random(in: 0..<1))
        let isAlone = directive == .giveUp && FailureClass(of: error).nature == .outOfMemory
        return (directive, message + (isAlone ? Self.aloneInMemory : ""))
    }

    private static let aloneInMemory =
        """

        This process was down to one worker with one thread when it happened: less at the same time does not help any more. \
        Raise the engine's memory limit, read the partition in batches ('batch' of the job) or in smaller batches, or write \
        smaller row groups ('row_group_size' of the target).
        """

    private func noteFailure(
        _ claim: Claim, _ message: String, _ directive: FailureDirective, _ outcome: MarkOutcome
    ) async {
        switch (outcome, directive) {
        case (.fenced, _):
            await dispatcher.putBack(claim.token)
            events.emit(.lost(claim.key))
        case (.recorded, .retry(let delay)):
            await dispatcher.putBack(claim.token)
            events.emit(.retrying(claim.key, attempt: claim.attempt, error: message, after: delay))
        case (.recorded, .giveUp):
            tally.noteFailed(claim.key, message)
            await dispatcher.ended(claim.token)
            events.emit(.failed(claim.key, attempt: claim.attempt, error: message))
            if request.onFailure == .stop { await stop(.drain) }
            if let trip = steering.noteFailed(claim.key, message) { await pauseForBreaker(trip) }
        }
    }
}

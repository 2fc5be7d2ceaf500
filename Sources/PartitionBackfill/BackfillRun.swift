internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// One run in this process: a claimer, a heartbeat, a recorder and the workers, around one dispatcher.
///
/// `run` returns when nothing of the plan is left, or after a stop; whatever this process still holds then is released.
struct BackfillRun: Sendable {
    let job: Job
    let table: (any Table)?
    let ledger: Ledger
    let engine: any Engine
    let plan: BackfillPlan
    let request: BackfillRequest
    let run: Int64
    let dispatcher: Dispatcher
    let recorder = CompletionRecorder()
    let tally = RunTally()
    let events: EventSink

    /// What a child task of the run was, when it ends.
    private enum Part { case claimer, worker, recorder, heartbeat }

    func execute(stop: StopSignal) async throws {
        let listener = stop.addListener { level in
            // The listener is called by a signal handler, which cannot wait for an actor.
            Task { await self.stop(level) }
        }
        defer { stop.removeListener(listener) }
        do {
            try await runParts()
        } catch {
            await releaseEverything()
            throw error
        }
        await releaseEverything()
    }

    private func runParts() async throws {
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { try await claimUntilNothingIsLeft() }
            group.addTask { try await recordCompletions() }
            group.addTask { try await keepLeasesAlive() }
            for number in 0..<request.workers {
                group.addTask { try await work(number) }
            }
            do {
                try await awaitParts(&group)
            } catch {
                // Whoever waits for a claim, for trust or for the recorder would wait for ever.
                await dispatcher.stop(.abort)
                await recorder.close()
                throw error
            }
        }
    }

    private func awaitParts(_ group: inout ThrowingTaskGroup<Part, any Error>) async throws {
        var workersLeft = request.workers
        while let part = try await group.next() {
            switch part {
            case .claimer: await dispatcher.finish()
            case .worker:
                workersLeft -= 1
                if workersLeft == 0 { await recorder.close() }
            case .recorder: group.cancelAll()
            case .heartbeat: break
            }
        }
    }

    // MARK: Claiming

    private func claimUntilNothingIsLeft() async throws -> Part {
        var pause: Duration = .seconds(1)
        while true {
            try Task.checkCancellation()
            switch await dispatcher.nextStep() {
            case .finished:
                await release(await dispatcher.takeUnbegun())
                return .claimer
            case .wait:
                await dispatcher.waitForChange(atMost: await dispatcher.hasWaiting ? pause : nil)
            case .claim(let window, let limit):
                try await claim(window, limit: limit)
            case .examine(let keys):
                let rows = try await ledger.rows(job: job.name, keys: keys)
                let examined = await dispatcher.examined(rows, of: keys)
                pause = examined.wait
                for row in examined.finished { noteFinishedElsewhere(row) }
            }
        }
    }

    private func claim(_ window: [PartitionKey], limit: Int) async throws {
        let sentAt = ContinuousClock.now
        let claims = try await ledger.claim(
            ClaimRequest(
                job: job.name, tableIdentity: table?.identity, run: run, transformVersion: job.version,
                candidates: window, limit: limit, planFence: plan.fence,
                includesComplete: request.selection == .all, lease: request.lease))
        for claim in claims {
            events.emit(.claimed(claim.key, attempt: claim.attempt, takenOver: claim.predecessor != nil))
        }
        await dispatcher.granted(claims, of: window, limit: limit, sentAt: sentAt)
    }

    private func noteFinishedElsewhere(_ row: ProgressRow) {
        switch row.status {
        case .complete: tally.noteCompleteElsewhere()
        case .held: tally.noteHeld()
        case .cancelled: tally.noteCancelled()
        default: tally.noteFailed(row.key, row.errorMessage ?? "failed in another process")
        }
        events.emit(.finishedElsewhere(row.key, wasComplete: row.status == .complete))
    }

    // MARK: Working

    private func work(_ number: Int) async throws -> Part {
        let session = try await engine.openSession()
        let thread = BlockingThread(label: "reprocess.worker.\(number)")
        while let claim = await dispatcher.nextClaim() {
            let attempt = PartitionAttempt(
                job: job, table: table, ledger: ledger, claim: claim, run: run, session: session, thread: thread,
                awaitTrust: { await dispatcher.awaitTrust(in: claim.token) })
            // A task of its own, so that a lost lease cancels this partition and not the worker.
            let task = Task { await finish(claim, attempt: attempt) }
            await dispatcher.began(claim.token, task: task)
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            try tally.rethrowFatal()
        }
        await session.close()
        return .worker
    }

    private func finish(_ claim: Claim, attempt: PartitionAttempt) async {
        let start = ContinuousClock.now
        switch await attempt.run() {
        case .published(let facts):
            guard await dispatcher.beginMark(claim.token) else { return events.emit(.lost(claim.key)) }
            let completion = Completion(token: claim.token, facts: facts)
            await recorder.submit(.init(completion: completion, duration: .now - start))
        case .lost:
            await dispatcher.putBack(claim.token)
            events.emit(.lost(claim.key))
        case .failed(let error):
            await markFailed(claim, error)
        }
    }

    private func markFailed(_ claim: Claim, _ error: any Error) async {
        // Cancelled: the lease was lost, or the run is being aborted, which releases what it holds.
        if Task.isCancelled || error is CancellationError { return }
        guard await dispatcher.beginMark(claim.token) else { return }
        let directive = RetryPolicy(retries: request.retries).directive(
            failures: claim.failures + 1, error: error, random: Double.random(in: 0..<1))
        let message = String(describing: error)
        do {
            let outcome = try await ledger.fail(job: job.name, claim.token, error: message, directive)
            await noteFailure(claim, message, directive, outcome)
        } catch {
            tally.noteFatal(error)
        }
    }

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
            await dispatcher.failed(claim.token)
            events.emit(.failed(claim.key, attempt: claim.attempt, error: message))
            if request.onFailure == .stop { await stop(.drain) }
        }
    }

    // MARK: Recording

    private func recordCompletions() async throws -> Part {
        while let batch = await recorder.nextBatch() {
            let outcomes = try await ledger.complete(job: job.name, batch.map(\.completion))
            for (entry, outcome) in zip(batch, outcomes) { await note(entry, outcome) }
        }
        return .recorder
    }

    private func note(_ entry: CompletionRecorder.Entry, _ outcome: MarkOutcome) async {
        let token = entry.completion.token
        let facts = entry.completion.facts
        guard case .recorded = outcome else {
            await dispatcher.putBack(token)
            return events.emit(.lost(token.key))
        }
        tally.noteComplete(rows: facts.rowsWritten, bytes: facts.bytesWritten)
        await dispatcher.completed(token, duration: entry.duration)
        events.emit(
            .completed(
                token.key, rows: facts.rowsWritten, bytes: facts.bytesWritten, duration: entry.duration,
                wasAdopted: facts.wasAdopted))
    }

    // MARK: Leases

    private func keepLeasesAlive() async throws -> Part {
        while true {
            do {
                try await sendHeartbeat()
                try await Task.sleep(for: request.lease / 3)
            } catch where Task.isCancelled {
                // The run is over, whatever the ledger was about to say.
                return .heartbeat
            } catch let error as LedgerError where error.code == .unreachable {
                // Work goes on until the lease cannot be trusted; the next beat tries again.
                events.emit(.ledgerUnavailable(message: error.message))
            }
        }
    }

    private func sendHeartbeat() async throws {
        let tokens = await dispatcher.heldTokens
        let sentAt = ContinuousClock.now
        let reply = try await ledger.heartbeat(job: job.name, run: run, tokens, lease: request.lease)
        for token in await dispatcher.confirm(reply, sent: tokens, at: sentAt) { events.emit(.lost(token.key)) }
    }

    // MARK: Stopping

    private func stop(_ level: StopSignal.Level) async {
        tally.noteStopped()
        await dispatcher.stop(level)
        events.emit(.stopping(running: await dispatcher.runningCount))
    }

    private func releaseEverything() async {
        await release(await dispatcher.heldTokens)
    }

    /// Gives claims back.
    ///
    /// Where the ledger cannot be told, their leases end by themselves and others take them over.
    private func release(_ tokens: [ClaimToken]) async {
        guard !tokens.isEmpty else { return }
        // A cancelled task could not talk to the ledger any more.
        let told = await Task { try await ledger.release(job: job.name, tokens) }.result
        guard case .success = told else { return }
        for token in tokens { events.emit(.released(token.key)) }
    }
}

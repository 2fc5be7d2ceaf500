internal import BlockingWork
internal import FaultPoints
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
    let sources: DeltaSources
    let plan: BackfillPlan
    let request: BackfillRequest
    let run: Int64
    let dispatcher: Dispatcher
    let recorder = CompletionRecorder()
    let tally = RunTally()
    let events: EventSink
    /// What is asked of the run at the moment.
    let steering: SteeringState
    let clock: RunClock

    /// What a child task of the run was, when it ends.
    enum Part { case claimer, worker(Int), recorder, heartbeat, watch, steering, crew, forecast }

    func execute(stop: StopSignal) async throws {
        let listener = stop.addListener { level in
            // The listener is called by a signal handler, which cannot wait for an actor.
            Task { await self.stop(level) }
        }
        defer { stop.removeListener(listener) }
        table?.beginUpkeep()
        do {
            try await runParts()
        } catch {
            table?.cancelUpkeep()
            await releaseEverything()
            await finishUpkeep()
            throw error
        }
        await releaseEverything()
        await finishUpkeep()
    }

    /// Waits for what the table still does beside its publishes.
    private func finishUpkeep() async {
        guard let table else { return }
        await BlockingThread(label: "reprocess.upkeep").run { table.finishUpkeep() }
        for notice in table.takeNotices() { events.emit(.tableNotice(message: notice)) }
    }

    private func runParts() async throws {
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { try await claimUntilNothingIsLeft() }
            group.addTask { try await recordCompletions() }
            group.addTask { try await keepLeasesAlive() }
            group.addTask { try await enforceDeadlines() }
            group.addTask { try await obeySteering() }
            group.addTask { try await recordForecast() }
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
        var working: Set<Int> = []
        var isHiring = true
        await hire(&working, in: &group)
        group.addTask { await awaitCrewChange() }
        while let part = try await group.next() {
            switch part {
            case .claimer:
                isHiring = false
                await dispatcher.finish()
            case .worker(let number):
                working.remove(number)
                if isHiring { await hire(&working, in: &group) }
            case .crew where isHiring:
                await hire(&working, in: &group)
                group.addTask { await awaitCrewChange() }
            case .recorder: group.cancelAll()
            case .heartbeat, .watch, .steering, .crew, .forecast: break
            }
            if !isHiring, working.isEmpty { await recorder.close() }
        }
    }

    /// Hires the workers that are missing: at first all of them.
    private func hire(_ working: inout Set<Int>, in group: inout ThrowingTaskGroup<Part, any Error>) async {
        guard await dispatcher.isAtWork else { return }
        for number in 0..<(await dispatcher.crewSize) where working.insert(number).inserted {
            group.addTask { try await work(number) }
        }
    }

    private func awaitCrewChange() async -> Part {
        await dispatcher.crewChange.wait(atMost: nil)
        return .crew
    }

    /// Stops because of a signal, or of a failure where that is the policy.
    func stop(_ level: StopSignal.Level) async {
        tally.noteStopped()
        if level == .abort { table?.cancelUpkeep() }
        await dispatcher.stop(level)
        events.emit(.stopping(running: await dispatcher.runningCount))
    }

    private func releaseEverything() async {
        await release(await dispatcher.heldTokens)
    }

    /// Gives claims back.
    ///
    /// Where the ledger cannot be told, their leases end by themselves and others take them over.
    func release(_ tokens: [ClaimToken]) async {
        guard !tokens.isEmpty else { return }
        // A cancelled task could not talk to the ledger any more.
        let told = await Task {
            try FaultInjector.fromEnvironment.reached(.releasing)
            try await ledger.release(job: job.name, tokens)
            try FaultInjector.fromEnvironment.reached(.released)
        }.result
        guard case .success = told else { return }
        for token in tokens { events.emit(.released(token.key)) }
    }
}

internal import Partitions
internal import ProgressStore

/// The state that the tasks of one run share: what is left, what is claimed, who waits for work.
///
/// It decides; the claimer, the workers and the heartbeat act on what it says.
actor Dispatcher {
    /// What the claimer does next.
    enum ClaimStep: Sendable {
        /// Ask the ledger for partitions.
        case claim(window: [PartitionKey], limit: Int)
        /// Look at partitions that another process has, or whose retry was not due.
        case examine([PartitionKey])
        /// Wait until something changes.
        case wait
        /// Nothing is left, or the run is being stopped.
        case finished
    }

    private let lease: Duration
    private var worklist: Worklist
    private var prefetch: Prefetch
    private var queue: [Claim] = []
    private var trustWaiters: [CheckedContinuation<Void, Never>] = []
    private var idleWorkers: [CheckedContinuation<Claim?, Never>] = []
    var holdings: [ClaimToken: Holding] = [:]
    /// The workers, each of which waits for the end of an attempt.
    private var attendants: [ClaimToken: CheckedContinuation<Bool, Never>] = [:]
    private var waitingWasExamined = false
    private var stopLevel = StopSignal.Level.none
    private var isFinished = false
    private let change = ChangeSignal()

    init(worklist: Worklist, workers: Int, lease: Duration) {
        self.worklist = worklist
        self.lease = lease
        prefetch = Prefetch(workers: workers)
    }

    // MARK: What the claimer asks

    /// Decides what the claimer does next.
    func nextStep() -> ClaimStep {
        if stopLevel > .none || worklist.isExhausted { return .finished }
        let room = prefetch.request(queued: queue.count, idle: idleWorkers.count)
        guard room > 0 else { return .wait }
        let window = worklist.window(of: max(16, room * 2))
        if !window.isEmpty { return .claim(window: window, limit: worklist.limit(room, of: window)) }
        guard !worklist.waiting.isEmpty, !waitingWasExamined else { return .wait }
        return .examine(Array(worklist.waiting.sorted().prefix(500)))
    }

    /// Takes the claims that the ledger granted.
    func granted(_ claims: [Claim], of window: [PartitionKey], limit: Int, sentAt: ContinuousClock.Instant) {
        worklist.apply(granted: claims.map(\.key), of: window, limit: limit)
        // Where nothing was granted, another look at what waits would bring the same partitions back at once.
        if !claims.isEmpty { waitingWasExamined = false }
        for claim in claims {
            holdings[claim.token] = Holding(claim: claim, claimedAt: sentAt, lease: lease)
            if idleWorkers.isEmpty {
                queue.append(claim)
            } else {
                idleWorkers.removeFirst().resume(returning: claim)
            }
        }
    }

    /// Takes the rows of waiting partitions: those that are free become candidates, those that ended are done.
    ///
    /// - Parameters:
    ///   - rows: The rows that there are.
    ///   - keys: The partitions that were looked for.
    ///   - isOutdated: Whether a COMPLETE row stands for a version that this plan replaces.
    /// - Returns: What others finished, and how long to wait before the next look.
    func examined(
        _ rows: [ProgressRow], of keys: [PartitionKey], isOutdated: (ProgressRow) -> Bool
    ) -> (finished: [ProgressRow], wait: Duration) {
        var rest = Set(keys)
        var finished: [ProgressRow] = []
        var shortest: Duration = .seconds(1)
        for row in rows where rest.remove(row.key) != nil {
            switch row.status {
            case .complete where isOutdated(row): worklist.reconsider(row.key)
            case .complete, .failed, .held, .cancelled:
                worklist.finishElsewhere(row.key)
                finished.append(row)
            case .pending, .running:
                if let wait = row.eligibleIn, wait > .zero {
                    shortest = min(shortest, wait)
                } else {
                    worklist.reconsider(row.key)
                }
            }
        }
        // A row that vanished was deleted by a person: the partition is missing again.
        for key in rest { worklist.reconsider(key) }
        waitingWasExamined = true
        return (finished, shortest)
    }

    /// Waits until something changes, or until it is time for another look at what is waiting.
    func waitForChange(atMost timeout: Duration?) async {
        await change.wait(atMost: timeout)
        waitingWasExamined = false
    }

    /// Whether partitions wait for other processes or for their retry, so that time alone can bring work.
    var hasWaiting: Bool { !worklist.waiting.isEmpty }

    /// Sends the workers home once what is queued is done.
    func finish() {
        isFinished = true
        if queue.isEmpty { dismissIdleWorkers() }
    }

    // MARK: What the workers ask

    /// The next claim to work on; nil when there will be none.
    func nextClaim() async -> Claim? {
        if stopLevel > .none { return nil }
        if !queue.isEmpty {
            let claim = queue.removeFirst()
            if queue.count <= prefetch.ahead / 2 { change.signal() }
            return claim
        }
        if isFinished { return nil }
        change.signal()
        return await withCheckedContinuation { idleWorkers.append($0) }
    }

    /// Waits for the task that works on a claim, which is cancelled when the lease is lost or its time is over.
    ///
    /// - Returns: False where the task did not end when it was cancelled, and is waited for no longer.
    func attend(_ token: ClaimToken, task: Task<Void, Never>) async -> Bool {
        if holdings[token] != nil, stopLevel < .abort {
            holdings[token]?.task = task
        } else {
            task.cancel()
        }
        return await withCheckedContinuation { continuation in
            attendants[token] = continuation
            Task {
                await task.value
                dismissAttendant(of: token, hasEnded: true)
            }
        }
    }

    /// Lets the worker of an attempt go on, whether the attempt has ended or not.
    func dismissAttendant(of token: ClaimToken, hasEnded: Bool) {
        attendants.removeValue(forKey: token)?.resume(returning: hasEnded)
    }

    /// Waits until the lease can be trusted, which is at once unless the ledger has been silent for long.
    ///
    /// - Returns: False where the lease was lost, or the run is being aborted.
    func awaitTrust(in token: ClaimToken) async -> Bool {
        while let holding = holdings[token], stopLevel < .abort {
            if holding.clock.isTrusted(at: .now) { return true }
            await withCheckedContinuation { trustWaiters.append($0) }
        }
        return false
    }

    /// A mark is about to be sent: from here on the ledger's answer tells what became of the claim.
    ///
    /// - Returns: False where the claim has been lost already.
    func beginMark(_ token: ClaimToken) -> Bool {
        guard holdings[token] != nil else { return false }
        holdings[token]?.isBeingMarked = true
        return true
    }

    /// A partition is done.
    func completed(_ token: ClaimToken, duration: Duration) {
        prefetch.observe(duration)
        holdings[token] = nil
        worklist.finish(token.key)
        change.signal()
    }

    /// A partition is FAILED or HELD.
    func ended(_ token: ClaimToken) {
        holdings[token] = nil
        worklist.finish(token.key)
        change.signal()
    }

    /// A partition is not this worker's any more, but has to be seen to its end: another attempt has it, or its retry
    /// is due later.
    ///
    /// - Returns: False where that was known already: the partition may have been seen to its end since, or be claimed
    ///   anew.
    @discardableResult
    func putBack(_ token: ClaimToken) -> Bool {
        guard holdings.removeValue(forKey: token) != nil else { return false }
        worklist.wait(for: token.key)
        change.signal()
        return true
    }

    // MARK: What the heartbeat asks

    /// Every claim that this process holds.
    var heldTokens: [ClaimToken] { Array(holdings.keys) }

    /// Takes the ledger's answer to a heartbeat.
    ///
    /// - Returns: The claims that were lost.
    func confirm(_ reply: HeartbeatReply, sent: [ClaimToken], at instant: ContinuousClock.Instant) -> [ClaimToken] {
        for token in reply.held { holdings[token]?.clock.confirm(sentAt: instant) }
        let lost = sent.filter { !reply.held.contains($0) && holdings[$0].map { !$0.isBeingMarked } == true }
        for token in lost {
            queue.removeAll { $0.token == token }
            holdings[token]?.task?.cancel()
            putBack(token)
        }
        resumeTrustWaiters()
        return lost
    }

    // MARK: Stopping

    /// Stops claiming; at `abort` also what runs.
    func stop(_ level: StopSignal.Level) {
        stopLevel = max(stopLevel, level)
        if level == .abort {
            for holding in holdings.values where !holding.isBeingMarked { holding.task?.cancel() }
        }
        dismissIdleWorkers()
        resumeTrustWaiters()
        change.signal()
    }

    /// Takes the claims that nobody will begin to work on any more, because the run is being stopped.
    func takeUnbegun() -> [ClaimToken] {
        let unbegun = queue.map(\.token)
        queue.removeAll()
        for token in unbegun { putBack(token) }
        return unbegun
    }

    /// Partitions of the plan that are not done, as far as this process knows.
    var remainingCount: Int { worklist.remainingCount }

    /// Partitions that this process works on.
    var runningCount: Int { holdings.count - queue.count }

    private func resumeTrustWaiters() {
        for waiter in trustWaiters { waiter.resume() }
        trustWaiters.removeAll()
    }

    private func dismissIdleWorkers() {
        for worker in idleWorkers { worker.resume(returning: nil) }
        idleWorkers.removeAll()
    }
}

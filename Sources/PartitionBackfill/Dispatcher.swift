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
        /// Find out what partitions will cost: it decides which are claimed next.
        case price([PartitionKey])
        /// Look at partitions that another process has, or whose retry was not due.
        case examine([PartitionKey])
        /// Wait until something changes.
        case wait
        /// Wait for a time, or until something changes: nothing may be started meanwhile.
        case rest(atMost: Duration?)
        /// Give back what was claimed ahead: nothing may be started any more for now.
        case giveBack
        /// Nothing is left, or the run is being stopped.
        case finished
    }

    private let lease: Duration
    var worklist: Worklist
    var prefetch: Prefetch
    var queue: [Claim] = []
    var trustWaiters: [CheckedContinuation<Void, Never>] = []
    private(set) var idleWorkers: [IdleWorker] = []
    var holdings: [ClaimToken: Holding] = [:]
    /// The workers, each of which waits for the end of an attempt.
    private var attendants: [ClaimToken: CheckedContinuation<Bool, Never>] = [:]
    private var waitingWasExamined = false
    private(set) var stopLevel = StopSignal.Level.none
    private var isFinished = false
    let change = ChangeSignal()
    /// Whether partitions may be started at the moment.
    var admission = Admission()
    /// Partitions of the plan that were called off.
    var cancelledCount = 0
    var crew: CrewLimit
    /// The claims whose attempts have begun, and have not come to their result.
    var atWork: Set<ClaimToken> = []
    /// The threads that the engine may take again, where nobody has told it.
    var moreThreads: Int?
    let crewChange = ChangeSignal()
    var forecast = Forecast()

    /// A worker that waits for a claim.
    struct IdleWorker {
        let number: Int
        let continuation: CheckedContinuation<Claim?, Never>
    }

    init(worklist: Worklist, workers: Int, threads: Int = 1, lease: Duration) {
        self.worklist = worklist
        self.lease = lease
        prefetch = Prefetch(workers: workers)
        crew = CrewLimit(asked: workers, threads: threads)
    }

    // MARK: What the claimer asks

    /// Decides what the claimer does next.
    func nextStep(at now: ContinuousClock.Instant = .now) -> ClaimStep {
        if stopLevel > .none || worklist.isExhausted { return .finished }
        guard admission.isOpen else { return queue.isEmpty ? .rest(atMost: nil) : .giveBack }
        if let rest = admission.rest(at: now) { return .rest(atMost: rest) }
        let wanted = prefetch.request(queued: queue.count, idle: min(idleWorkers.count, room))
        guard wanted > 0 else { return .wait }
        let size = max(16, wanted * 2)
        let unpriced = worklist.unpriced(of: size, workers: pricedWorkers)
        if !unpriced.isEmpty { return .price(unpriced) }
        let window = worklist.window(of: size)
        if !window.isEmpty { return .claim(window: window, limit: worklist.limit(wanted, of: window)) }
        // What comes next may have turned out to be too large.
        if worklist.isExhausted { return .finished }
        guard !worklist.waiting.isEmpty, !waitingWasExamined else { return .wait }
        return .examine(Array(worklist.waiting.sorted().prefix(500)))
    }

    /// Takes what partitions will cost.
    func priced(_ keys: [PartitionKey], _ prices: [PartitionKey: PartitionPrice]) {
        worklist.price(keys, prices, workers: pricedWorkers)
    }

    /// The workers that are to finish together; nil where partitions take moments only, so that the last ones are claimed
    /// ahead all at once.
    private var pricedWorkers: Int? {
        prefetch.ahead < LongestAtEnd.partitionsPerWorker * crew.current ? crew.current : nil
    }

    /// What did not fit into the limit of bytes; nil where nothing came up to it.
    var byteLimit: ByteLimit? { worklist.byteLimit }

    /// Takes the claims that the ledger granted.
    func granted(_ claims: [Claim], of window: [PartitionKey], limit: Int, sentAt: ContinuousClock.Instant) {
        worklist.apply(granted: claims.map(\.key), of: window, limit: limit)
        // Where nothing was granted, another look at what waits would bring the same partitions back at once.
        if !claims.isEmpty { waitingWasExamined = false }
        for claim in claims {
            holdings[claim.token] = Holding(claim: claim, claimedAt: sentAt, lease: lease)
            queue.append(claim)
        }
        handOut()
    }

    /// Gives what is queued to the workers that have nothing to do.
    func handOut() {
        while admission.isOpen, room > 0, !queue.isEmpty, !idleWorkers.isEmpty {
            idleWorkers.removeFirst().continuation.resume(returning: begin(queue.removeFirst()))
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

    /// The next claim to work on; nil when there will be none for this worker.
    func nextClaim(worker number: Int = 0) async -> Claim? {
        if stopLevel > .none || number >= crew.current { return nil }
        if admission.isOpen, room > 0, !queue.isEmpty {
            let claim = begin(queue.removeFirst())
            if queue.count <= prefetch.ahead / 2 { change.signal() }
            return claim
        }
        if isFinished { return nil }
        change.signal()
        return await withCheckedContinuation {
            idleWorkers.append(IdleWorker(number: number, continuation: $0))
        }
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
        leaveWork(token)
        attendants.removeValue(forKey: token)?.resume(returning: hasEnded)
    }

    /// A mark is about to be sent: from here on the ledger's answer tells what became of the claim.
    ///
    /// - Returns: False where the claim has been lost already.
    func beginMark(_ token: ClaimToken) -> Bool {
        guard holdings[token] != nil else { return false }
        holdings[token]?.isBeingMarked = true
        leaveWork(token)
        return true
    }

    /// A partition is done.
    func completed(_ token: ClaimToken, duration: Duration) {
        prefetch.observe(duration)
        forecast.observe(duration)
        holdings[token] = nil
        worklist.finish(token.key)
        if crew.done() {
            moreThreads = crew.share.threads
            crewChanged()
        }
        admission.noteRoom()
        change.signal()
    }

    /// A partition is FAILED or HELD.
    func ended(_ token: ClaimToken) {
        holdings[token] = nil
        worklist.finish(token.key)
        admission.noteRoom()
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
        admission.noteRoom()
        change.signal()
        return true
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
    var remainingCount: Int { worklist.remainingCount - cancelledCount }

    /// Whether workers are wanted: the run is not being stopped.
    var isAtWork: Bool { stopLevel == .none }

    /// Partitions that this process works on.
    var runningCount: Int { holdings.count - queue.count }

    private func dismissIdleWorkers() { dismissIdleWorkers { _ in true } }

    /// Sends those workers home that have nothing to do and a number that satisfies a condition.
    func dismissIdleWorkers(where isDismissed: (Int) -> Bool) {
        for worker in idleWorkers where isDismissed(worker.number) { worker.continuation.resume(returning: nil) }
        idleWorkers.removeAll { isDismissed($0.number) }
    }
}

internal import ProgressStore

/// Records completions in batches, while the workers go on.
///
/// A published partition waits here for the ledger. While one statement is on its way the next batch gathers, so that
/// small partitions share a round trip and large ones do not wait for each other. Where partitions end faster than a disk
/// turns, a batch also gathers until a little time has passed since the one before: each costs the server a commit.
actor CompletionRecorder {
    /// A published partition to be recorded, with what its event needs.
    struct Entry: Sendable {
        let completion: Completion
        let duration: Duration
        /// The batches that it was made of, whose files go when it is recorded.
        var batches: AttemptBatches?
    }

    /// The number of unrecorded partitions at which workers wait: a crash would leave as many to adopt.
    private static let capacity = 64
    /// The number of partitions that make a batch worth its commit at any time.
    static let enough = 16

    /// The least time between two batches that have less than enough.
    private let spacing: Duration
    private var lastBatch: ContinuousClock.Instant?
    /// Whether a batch waits for more; tests wait for it.
    private(set) var isGathering = false
    private var entries: [Entry] = []
    private var isClosed = false
    private var blockedWorkers: [CheckedContinuation<Void, Never>] = []
    private let arrival = ChangeSignal()

    init(spacing: Duration = .milliseconds(20)) {
        self.spacing = spacing
    }

    /// Takes a completion; waits while too many are on their way.
    func submit(_ entry: Entry) async {
        while entries.count >= CompletionRecorder.capacity, !isClosed {
            await withCheckedContinuation { blockedWorkers.append($0) }
        }
        entries.append(entry)
        arrival.signal()
    }

    /// No more will come.
    func close() {
        isClosed = true
        arrival.signal()
        resumeBlockedWorkers()
    }

    /// The next batch; nil when there will be none.
    func nextBatch() async -> [Entry]? {
        while entries.isEmpty {
            if isClosed { return nil }
            await arrival.wait(atMost: nil)
            if Task.isCancelled && entries.isEmpty { return nil }
        }
        await gather()
        lastBatch = .now
        defer {
            entries.removeAll(keepingCapacity: true)
            resumeBlockedWorkers()
        }
        return entries
    }

    /// Waits until there is enough, or it is time for a batch of whatever there is; one that comes alone goes at once.
    private func gather() async {
        guard let lastBatch else { return }
        let due = lastBatch + spacing
        isGathering = true
        defer { isGathering = false }
        while entries.count < CompletionRecorder.enough, !isClosed, !Task.isCancelled {
            let rest = due - .now
            guard rest > .zero else { return }
            await arrival.wait(atMost: rest)
        }
    }

    private func resumeBlockedWorkers() {
        for worker in blockedWorkers { worker.resume() }
        blockedWorkers.removeAll()
    }
}

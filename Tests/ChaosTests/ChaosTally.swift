import Synchronization

/// What was done and seen, counted.
final class ChaosTally: Sendable {
    /// What is counted, with the words for it.
    enum Item: String, CaseIterable {
        case rounds = "generations of the whole table"
        case published = "partitions published"
        case launched = "worker processes started"
        case killed = "workers killed (SIGKILL)"
        case killedAtPoint = "workers killed at a named point of the program"
        case killedInBatch = "of these, between the steps of a batch, or of the publish after the last one"
        case stopped = "workers stopped for longer than their lease (SIGSTOP, SIGCONT)"
        case terminated = "workers asked to end (SIGTERM)"
        case refused = "workers that found no server when they started"
        case backendsTerminated = "backends terminated"
        case restarts = "restarts of the server with `-m immediate`"
        case cut = "connections cut"
        case turnedAway = "connections turned away"
        case stalled = "connections stalled for longer than a lease"
        case swallowedClaims = "replies swallowed after their commit: claims"
        case swallowedCompletions = "replies swallowed after their commit: completions"
        case swallowedBatches = "replies swallowed after their commit: finished batches"
        case swallowedOthers = "replies swallowed after their commit: heartbeats and openings of runs"
        case cleanings = "cleanings beside the workers"
        case takeovers = "takeovers"
        case mostTakeovers = "takeovers of one partition in one generation, at most"
        case adoptions = "adoptions: publishes of a dead worker that were recorded, not repeated"
        case lost = "attempts that ended as LOST"
        case released = "attempts that were given back"
        case retried = "attempts that failed and were tried again"
        case batches = "batches finished"
        case cutAgain = "batches of another size than the one before"
        case takenUp = "takeovers that went on after the finished batches of a lost worker"
        case takenUpBatches = "batches that were not read again for that"
        case toldLost = "attempts that lived to be told that they had lost their partition"
        case reads = "reads"
        case checks = "days read, checked and right"
        case repeated = "reads repeated, because a listing had changed"
        case absent = "days that such a read left out without a word"
        case errors = "reads that failed with a missing file"
        case wrong = "wrong answers"
    }

    private let counts = Mutex<[Item: Int]>([:])

    /// Counts something.
    func add(_ item: Item, _ number: Int = 1) { counts.withLock { $0[item, default: 0] += number } }

    /// Sets what is counted elsewhere.
    func set(_ item: Item, _ number: Int) { counts.withLock { $0[item] = number } }

    /// The count of something.
    subscript(_ item: Item) -> Int { counts.withLock { $0[item, default: 0] } }

    /// A table for a page of the documentation.
    var markdown: String {
        "| what | how often |\n|---|---:|\n"
            + Item.allCases.map { "| \($0.rawValue) | \(self[$0]) |" }.joined(separator: "\n")
    }
}

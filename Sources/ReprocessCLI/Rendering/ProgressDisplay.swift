internal import PartitionBackfill
internal import Partitions

/// What a run looks like while it runs: fed with events and a clock's value, asked for text.
struct ProgressDisplay: Sendable {
    let job: String
    /// Partitions that this run is to bring to an end.
    let total: Int
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    /// How far a stop has been asked for by signals.
    var stopLevel: @Sendable () -> StopSignal.Level = { .none }

    private(set) var complete = 0
    private(set) var failed = 0
    private(set) var held = 0
    /// What the workers are at, and since when.
    private(set) var running: [PartitionKey: Duration] = [:]
    /// What was claimed ahead, so that no worker waits for a claim; workers take it in this order.
    private var claimedAhead: [PartitionKey] = []
    private var workers = Int.max
    /// The errors that were told, with the first partition that had them.
    private var told: [FailureSignature: PartitionKey] = [:]
    private var rate = ProgressRate()
    /// The seconds that the latest partitions took.
    private var durations: [Double] = []
    private static let memory = 50
    private var ledgerProblem: String?
    private var isStopping = false
    /// The partition of which a batch was finished last.
    private var batches: (key: PartitionKey, count: Int, rows: Int64)?
    /// Why nothing is started at the moment.
    private var standing: String?

    init(job: String, total: Int, style: Style = .plain, paths: MessagePaths = .unchanged) {
        self.job = job
        self.total = total
        self.style = style
        self.paths = paths
    }

    /// Partitions that came to an end, well or not.
    var done: Int { complete + failed + held }

    /// The failures whose errors were told in full.
    var toldFailures: Set<FailureSignature> { Set(told.keys) }

    /// Takes in an event and returns the lines that are to stay on the screen because of it.
    mutating func apply(_ event: BackfillEvent, at now: Duration) -> [String] {
        switch event {
        case .started(_, _, let workers): self.workers = workers
        case .claimed(let key, let attempt, let takenOver):
            claimedAhead.append(key)
            beginNext(at: now)
            return takenOver ? ["\(key): taken over from a worker that was lost (attempt \(attempt))"] : []
        case .completed(let key, _, _, let duration, _, _, _):
            finish(key, at: now)
            durations.append(duration.seconds)
            if durations.count > Self.memory { durations.removeFirst() }
            complete += 1
        case .finishedElsewhere(let key, let wasComplete):
            finish(key, at: now)
            if wasComplete { complete += 1 } else { failed += 1 }
            return wasComplete ? [] : [style.red("\(key) did not become COMPLETE in another process")]
        case .failed(let key, _, let error):
            finish(key, at: now)
            failed += 1
            return [style.red("\(key) FAILED: ") + tell(error, of: key)]
        case .held(let key, let reason):
            finish(key, at: now)
            held += 1
            return [style.yellow("\(key) HELD: ") + tell(reason, of: key, as: "reason")]
        case .audited(let key, let findings):
            let text = findings.map { "\($0.audit): \($0.message)" }.joined(separator: "\n")
            return [style.yellow("\(key) warning: ") + tell(text, of: key, as: "warning")]
        case .retrying(let key, let attempt, let error, let delay):
            leave(key, at: now)
            let wait = DurationText.describe(delay)
            return [style.yellow("\(key) attempt \(attempt) failed, again in \(wait): ") + tell(error, of: key)]
        case .batchFinished(let key, let count, let rows, _):
            batches = running[key] == nil ? nil : (key, count, rows)
        case .batchesTakenUp(let key, let count, let rows):
            return ["\(key): going on after \(BatchText.finished(count, rows)) of an earlier attempt"]
        case .batchesForgotten(let key, let count):
            return [
                style.yellow(
                    "\(key): \(BatchText.counted(count)) of earlier attempts do not count any more; it begins anew")
            ]
        case .interrupted(let key, let count, let rows):
            leave(key, at: now)
            return ["\(key): \(BatchText.finished(count, rows)); given back as --max-batches says"]
        case .lost(let key):
            leave(key, at: now)
            return [style.yellow("\(key): the lease was lost to another worker; what was done here is dropped")]
        case .released(let key): leave(key, at: now)
        case .ledgerUnavailable(let message):
            defer { ledgerProblem = message.firstLine }
            return ledgerProblem == nil ? [LedgerNotices.sentence(for: message, style: style)] : []
        case .ledgerAvailable:
            ledgerProblem = nil
            return [LedgerNotices.sentence(for: nil, style: style)]
        case .tableNotice(let message): return [style.yellow(paths.shortened(message))]
        case .stopping(let count):
            isStopping = true
            return [style.yellow(stopping(count))]
        case .steered(let event):
            if let workers = event.workers { self.workers = workers }
            if let word = event.standing { standing = word.isEmpty ? nil : word }
            return [style.yellow(paths.shortened(SteeringText.sentence(for: event)))]
        }
        return []
    }

    /// The lines of the live display, none longer than the width.
    func frame(at now: Duration, width: Int) -> [String] {
        var lines = [barLine(at: now, width: width)]
        if let line = runningLine(at: now) { lines.append(style.dim(("  " + line).truncated(to: width))) }
        if let batches, running[batches.key] != nil {
            let text = "  \(batches.key): \(BatchText.finished(batches.count, batches.rows))"
            lines.append(style.dim(text.truncated(to: width)))
        }
        if let standing { lines.append(style.yellow("  \(standing)".truncated(to: width))) }
        if let ledgerProblem {
            lines.append(style.yellow("  waiting for the ledger: \(ledgerProblem)".truncated(to: width)))
        }
        return lines
    }

    /// One line for logs.
    func line(at now: Duration) -> String {
        var parts = ["\(job): \(facts(at: now))"]
        if !running.isEmpty { parts.append("\(NumberText.grouped(running.count)) running") }
        if ledgerProblem != nil { parts.append("waiting for the ledger") }
        if isStopping { parts.append("stopping") }
        if let standing { parts.append(standing) }
        return parts.joined(separator: ", ")
    }

    /// What a stop means for those who see it.
    private func stopping(_ count: Int) -> String {
        let rest = count > 0 ? ": \(NumberText.counted(count, "running partition")) will be finished first." : "."
        switch stopLevel() {
        case .none: return "Stopping after a failure" + rest
        case .drain: return "Stopping" + rest + " Ctrl-C again stops at once."
        case .abort: return "Stopping at once; what was running is given back. Ctrl-C again ends the process."
        }
    }

    private mutating func finish(_ key: PartitionKey, at now: Duration) {
        leave(key, at: now)
        rate.finish(at: now)
    }

    private mutating func leave(_ key: PartitionKey, at now: Duration) {
        running[key] = nil
        claimedAhead.removeAll { $0 == key }
        beginNext(at: now)
    }

    private mutating func beginNext(at now: Duration) {
        while running.count < workers, !claimedAhead.isEmpty { running[claimedAhead.removeFirst()] = now }
    }

    /// An error in full the first time; afterwards the partition with which it was told.
    private mutating func tell(_ error: String, of key: PartitionKey, as noun: String = "error") -> String {
        // A number in the path of the project may be that of a day, and says nothing of it.
        let error = paths.shortened(error)
        let signature = FailureSignature(of: error, on: key)
        guard let first = told[signature] else {
            told[signature] = key
            return error.indentedLines
        }
        return first == key ? "the same \(noun) again" : "the same \(noun) as \(first)"
    }

    private func barLine(at now: Duration, width: Int) -> String {
        let facts = facts(at: now)
        let room = width - facts.count - job.count - 5
        guard room >= 10 else { return "\(job)  \(facts)".truncated(to: width) }
        let cells = min(room, 30)
        let share = total == 0 ? 1 : Double(done) / Double(total)
        let full = min(cells, Int(share * Double(cells)))
        let bar =
            style.green(String(repeating: "█", count: full)) + style.dim(String(repeating: "░", count: cells - full))
        return "\(style.bold(job)) \(bar)  \(facts)"
    }

    /// `91/182 50%, 1 failed, 91 left, 12.3/s, about 7s to go`.
    private func facts(at now: Duration) -> String {
        let left = max(0, total - done)
        var parts = ["\(NumberText.grouped(done))/\(NumberText.grouped(total)) \(NumberText.percent(done, of: total))%"]
        if failed > 0 { parts.append("\(NumberText.grouped(failed)) failed") }
        if held > 0 { parts.append("\(NumberText.grouped(held)) held") }
        parts.append("\(NumberText.grouped(left)) left")
        // While nothing is started, nobody knows when it goes on.
        guard standing == nil, let perSecond = rate.perSecond(at: now) else { return parts.joined(separator: ", ") }
        parts.append(RateText.describe(perSecond: perSecond))
        if left > 0, let remaining = rate.remaining(left, at: now, durations: durations) {
            parts.append(remaining.text)
        }
        return parts.joined(separator: ", ")
    }

    /// What runs now, the longest first.
    private func runningLine(at now: Duration) -> String? {
        guard !running.isEmpty else { return nil }
        let oldest = running.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(4)
        let names = oldest.map { "\($0.key) (\(DurationText.describe(.seconds((now - $0.value).components.seconds))))" }
        let more = running.count > 4 ? ", and \(running.count - 4) more" : ""
        return "running: " + names.joined(separator: ", ") + more
    }
}

extension String {
    /// The text with all lines but the first moved to the right.
    var indentedLines: String {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\n    ")
    }
}

internal import BlockingWork
internal import PartitionBackfill
internal import ProgressStore
internal import Synchronization
internal import Transforms

/// Follows a command that runs partitions, and tells of it at its end: in a report, and by a command of the user's.
///
/// Neither can hold up the run, or change how it ends.
final class RunFollower: Sendable {
    fileprivate struct State {
        var run: Int64?
        var notice: RunNotice
        var start: ContinuousClock.Instant?
        var report: BackfillReport?
        var endsAtBreaker = true
        /// Commands that are told at the moment.
        var telling: [Task<String?, Never>] = []
    }

    private let file: ReportFile?
    private let command: NotificationCommand?
    private let console: Console
    private let stop: StopSignal
    private let job: String
    private let state: Mutex<State>

    /// Takes what the options and the job ask for.
    ///
    /// - Throws: `UsageError` or `Refusal` where the report could not be written.
    init(_ arguments: Arguments, _ context: CommandContext, job: Job) throws {
        file = try arguments.text("at-end").map { name in
            try ReportFile(
                name, in: context.workingDirectory, option: arguments.origin(of: "at-end"), arguments.command)
        }
        try file?.check()
        let text = arguments.text("notify") ?? job.defaults.notify ?? ""
        // Typed as nothing, it switches off what the job says.
        command =
            text.allSatisfy(\.isWhitespace) || arguments.has("dry-run")
            ? nil
            : NotificationCommand(text: text, environment: context.environment, directory: context.workingDirectory)
        console = context.console
        stop = context.stop
        self.job = job.name
        state = Mutex(State(notice: RunNotice(event: .finished, job: job.name, run: nil)))
    }

    /// Does the work, and tells how it ended.
    func follow(_ work: () async throws -> ExitCode) async throws -> ExitCode {
        do {
            let code = try await work()
            await tellEnd(code, nil)
            return code
        } catch {
            await tellEnd(.refused, error)
            throw error
        }
    }

    /// The run's number, once it has one.
    var number: Int64? { state.withLock { $0.run } }

    /// A run is about to begin.
    func begin(endsAtBreaker: Bool) {
        state.withLock {
            $0.endsAtBreaker = endsAtBreaker
            $0.start = $0.start ?? .now
        }
    }

    /// Takes note of what happens in a run.
    func note(_ event: BackfillEvent) {
        switch event {
        case .started(let run, _, _): state.withLock { $0.run = run }
        case .completed(_, let rows, let bytes, _, _, _, let wasUnchanged):
            state.withLock {
                $0.notice.complete += 1
                $0.notice.unchanged += wasUnchanged ? 1 : 0
                $0.notice.rows += wasUnchanged ? 0 : rows ?? 0
                $0.notice.bytes += wasUnchanged ? 0 : bytes ?? 0
            }
        case .failed(let key, _, let error): state.withLock { $0.notice.failures[key] = error }
        case .held(let key, let reason):
            state.withLock {
                $0.notice.held += 1
                $0.notice.heldPartitions[key] = reason
            }
        case .finishedElsewhere(_, let wasComplete): state.withLock { $0.notice.complete += wasComplete ? 1 : 0 }
        case .steered(.paused(let user, let reason)):
            tellPause([user.map { "by \($0)" }, reason].compactMap { $0 }.joined(separator: ": "))
        case .steered(.breakerTripped(let reason)) where state.withLock({ !$0.endsAtBreaker }): tellPause(reason)
        default: break
        }
    }

    /// A run has ended, and what it leaves held may be decided so.
    func end(_ report: BackfillReport, _ decisions: DecisionCommands) {
        state.withLock {
            $0.report = report
            $0.notice.decisions = decisions
        }
    }

    /// There was nothing to run, but some partitions are held since before.
    func nothingToRun(held: Int, _ decisions: DecisionCommands) {
        state.withLock {
            $0.notice.held = held
            $0.notice.decisions = decisions
        }
    }

    /// A canary is held, and the process waits until somebody has decided about it.
    func awaitApproval(of held: [PartitionKey: String], _ decisions: DecisionCommands) {
        var notice = state.withLock { state in
            state.notice.decisions = decisions
            return state.notice.about(.awaitingApproval, run: state.run, since: state.start)
        }
        notice.held = held.count
        notice.heldPartitions = held
        let keys = held.keys.sorted()
        notice.cause = "\(ReportLimits.ranges(of: keys)) \(keys.count == 1 ? "waits" : "wait") for approve or reject"
        tell(notice)
    }

    /// The canary is held no more: what is told from now on is about the rest, or why there is none.
    func canaryDecided(ending cause: String? = nil) {
        state.withLock {
            $0.report = nil
            $0.notice.cause = cause
            $0.notice.held = 0
            $0.notice.heldPartitions = [:]
        }
    }

    /// Writes the report that was asked for.
    func writeReport(from ledger: Ledger) async {
        guard let file, stop.level < .abort else { return }
        guard let number = state.withLock({ $0.run }) else {
            return console.say("Nothing was run, so that no report is written to \(file.name).\n")
        }
        do {
            guard let run = try await ledger.run(number) else { return }
            let report = try await ReportReader(ledger: ledger).report(of: run)
            try await BlockingThread(label: "reprocess.report").run {
                try file.write(file.format.text(of: report))
            }
            state.withLock { $0.notice.reportPath = file.path }
            console.say("Report: \(file.name)\n")
        } catch {
            // The run has ended as it has; what is lost can be had again.
            let again = "'report --run \(number)' writes it again."
            console.error("\(ErrorText.sentence(for: error)) \(again)")
        }
    }

    private func tellPause(_ cause: String) {
        var notice = state.withLock { $0.notice.about(.paused, run: $0.run, since: $0.start) }
        notice.cause = cause.isEmpty ? nil : cause
        tell(notice)
    }

    private func tellEnd(_ code: ExitCode, _ error: (any Error)?) async {
        if stop.level < .abort, !(error is CancellationError) {
            tell(state.withLock { $0.end(code, error) })
        }
        for task in state.withLock({ $0.telling }) {
            guard let warning = await task.value else { continue }
            console.alert(console.messageStyle.yellow("warning: ") + console.paths.shortened(warning) + "\n")
        }
    }

    /// Lets the command run, beside whatever goes on.
    private func tell(_ notice: RunNotice) {
        guard let command else { return }
        let stop = stop
        let task = Task.detached {
            await BlockingThread(label: "reprocess.notify").run {
                command.run(notice) { stop.level >= .abort }
            }
        }
        state.withLock { $0.telling.append(task) }
    }
}

extension RunFollower.State {
    /// What is told at the end.
    fileprivate func end(_ code: ExitCode, _ error: (any Error)?) -> RunNotice {
        var notice = notice.about(code == .complete ? .finished : .failed, run: run, since: start)
        notice.code = code
        notice.cause = error.map { ErrorText.sentence(for: $0) } ?? notice.cause
        guard let report, error == nil else { return notice }
        // As the run itself has counted, also what other processes did.
        notice.complete = report.complete
        notice.unchanged = report.unchanged
        notice.failures = report.failed
        notice.held = report.held
        notice.heldPartitions = report.heldPartitions
        notice.skipped = report.skipped
        notice.cancelled = report.cancelled
        notice.remaining = report.remaining
        notice.rows = report.rows
        notice.bytes = report.bytes
        notice.duration = report.duration
        guard let end = report.earlyEnd else { return notice }
        if case .breaker(let reason) = end {
            notice.event = .paused
            notice.cause = reason
        } else {
            notice.cause = SteeringText.sentence(for: end)
        }
        return notice
    }
}

extension RunNotice {
    /// The same counts, told for another reason.
    fileprivate func about(_ event: Event, run: Int64?, since start: ContinuousClock.Instant?) -> RunNotice {
        var notice = self
        notice.event = event
        notice.run = run
        notice.duration = start.map { .now - $0 } ?? duration
        return notice
    }
}

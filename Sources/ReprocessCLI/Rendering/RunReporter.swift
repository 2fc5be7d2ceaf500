internal import BlockingWork
internal import PartitionBackfill

/// Shows a run while it runs, on a thread of its own: a slow terminal or pipe must not hold up the work.
actor RunReporter {
    /// How the run is shown.
    enum Mode: Sendable {
        /// A display that is drawn again and again, on a terminal.
        case live
        /// A line now and then, in a log.
        case lines
        /// One JSON object for each event.
        case json
        /// One JSON object for each event, among others, in a log.
        case log
        /// Only what must be known.
        case quiet
    }

    /// What the reporter reacts to.
    enum Input: Sendable {
        case event(BackfillEvent)
        case tick
    }

    private let executor = BlockingExecutor(label: "reprocess.reporter")
    private let mode: Mode
    private let console: Console
    private let elapsed: @Sendable () -> Duration
    private var display: ProgressDisplay
    private var schedule = LineSchedule()
    /// The lines of the display that are on the screen.
    private var drawn: [String] = []
    private var outputIsClosed = false
    /// The run, once the ledger has given it a number.
    private var run: Int64?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(mode: Mode, display: ProgressDisplay, console: Console, elapsed: @escaping @Sendable () -> Duration) {
        self.mode = mode
        self.display = display
        self.console = console
        self.elapsed = elapsed
    }

    /// Shows what comes until the stream ends, then takes the live display away.
    ///
    /// - Returns: The failures that people were told of.
    @discardableResult
    func show(_ inputs: AsyncStream<Input>) async throws -> Set<FailureSignature> {
        if mode == .live { console.alert(Terminal.hideCursor) }
        for await input in inputs {
            switch input {
            case .event(let event): try show(event)
            case .tick: tick()
            }
        }
        if mode == .live { console.alert(erasing() + Terminal.showCursor) }
        return mode == .live || mode == .lines ? display.toldFailures : []
    }

    private func show(_ event: BackfillEvent) throws {
        let lines = display.apply(event, at: elapsed())
        record(event)
        switch mode {
        case .json: try write(event)
        case .live where !lines.isEmpty: draw(above: lines)
        case .lines where !lines.isEmpty: console.alert(lines.map { $0 + "\n" }.joined())
        case .live, .lines, .log, .quiet: break
        }
    }

    /// Puts an event into the log, where there is one: also where standard output has the events.
    private func record(_ event: BackfillEvent) {
        guard console.log != nil else { return }
        if case .started(let run, _, _) = event { self.run = run }
        let common: [String: JSONValue] = ["job": .text(display.job), "run": run.map { .integer($0) } ?? .null]
        console.record(
            LogLevel(of: event), RunEventJSON.members(of: event).merging(common) { own, _ in own })
    }

    private func tick() {
        switch mode {
        case .live: draw(above: [])
        case .lines where schedule.isDue(at: elapsed()): console.alert(display.line(at: elapsed()) + "\n")
        case .log where schedule.isDue(at: elapsed()):
            console.record(
                .info,
                ["event": .text("progress"), "job": .text(display.job), "message": .text(display.line(at: elapsed()))])
        case .lines, .log, .json, .quiet: break
        }
    }

    /// Writes an event; a reader that went away ends the writing, never the run.
    private func write(_ event: BackfillEvent) throws {
        guard !outputIsClosed else { return }
        do {
            try console.result(RunEventJSON.line(for: event))
            try console.output.flush()
        } catch is OutputClosed {
            outputIsClosed = true
        }
    }

    private func draw(above lines: [String]) {
        let columns = console.messages.width ?? 80
        // The last column stays free: some terminals wrap when it is written.
        let frame = display.frame(at: elapsed(), width: max(20, columns - 1))
        console.alert(erasing() + (lines + frame).map { $0 + "\n" }.joined())
        drawn = frame
    }

    /// Takes the display away; a terminal that became narrower since has wrapped its lines.
    private func erasing() -> String {
        defer { drawn = [] }
        guard !drawn.isEmpty else { return "" }
        let columns = console.messages.width ?? 80
        let rows = drawn.reduce(0) { $0 + max(1, (Terminal.visibleCount($1) + columns - 1) / columns) }
        return Terminal.up(rows) + Terminal.eraseBelow
    }
}

/// When a line is written to a log: soon, then every 5 seconds, after two minutes every 30.
struct LineSchedule: Sendable {
    private var next = Duration.seconds(1)

    /// Tells whether a line is due, and if so when the next one will be.
    mutating func isDue(at now: Duration) -> Bool {
        guard now >= next else { return false }
        next = now + (now < .seconds(120) ? .seconds(5) : .seconds(30))
        return true
    }
}

internal import PartitionBackfill

/// Lets a reporter show a run while it runs.
enum RunReporting {
    /// Runs, and shows what happens.
    ///
    /// - Returns: How it ended, and the failures that people were told of meanwhile.
    static func report(
        job: String, total: Int, _ arguments: Arguments, _ console: Console,
        run: (@escaping @Sendable (BackfillEvent) -> Void) async throws -> BackfillReport
    ) async throws -> (report: BackfillReport, told: Set<FailureSignature>) {
        let mode = mode(arguments, console)
        let (inputs, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
        let start = ContinuousClock.now
        let display = ProgressDisplay(job: job, total: total, style: console.messageStyle, paths: console.paths)
        let reporter = RunReporter(mode: mode, display: display, console: console) { ContinuousClock.now - start }
        async let shown = reporter.show(inputs)
        let ticks = Task { try await tick(mode, continuation) }
        do {
            let report = try await run { continuation.yield(.event($0)) }
            ticks.cancel()
            continuation.finish()
            return (report, try await shown)
        } catch {
            ticks.cancel()
            continuation.finish()
            _ = try await shown
            throw error
        }
    }

    private static func mode(_ arguments: Arguments, _ console: Console) -> RunReporter.Mode {
        if arguments.has("json") { return .json }
        if console.isQuiet { return .quiet }
        return console.messages.isTerminal ? .live : .lines
    }

    /// Asks for a new picture ten times a second, or looks once a second whether a line is due.
    private static func tick(
        _ mode: RunReporter.Mode, _ continuation: AsyncStream<RunReporter.Input>.Continuation
    ) async throws {
        let period: Duration
        switch mode {
        case .live: period = .milliseconds(100)
        case .lines: period = .seconds(1)
        case .json, .quiet: return
        }
        while true {
            continuation.yield(.tick)
            try await Task.sleep(for: period)
        }
    }
}

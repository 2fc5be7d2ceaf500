internal import PartitionBackfill

/// Lets a reporter show a run while it runs.
enum RunReporting {
    /// Runs, and shows what happens.
    ///
    /// - Returns: How it ended, and the failures that people were told of meanwhile.
    static func report(
        job: String, total: Int, isCanary: Bool = false, _ arguments: Arguments, _ context: CommandContext,
        run: (@escaping @Sendable (BackfillEvent) -> Void) async throws -> BackfillReport
    ) async throws -> (report: BackfillReport, told: Set<FailureSignature>) {
        let console = context.console
        let mode = mode(arguments, console)
        let (inputs, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
        let start = ContinuousClock.now
        var display = ProgressDisplay(job: job, total: total, style: console.messageStyle, paths: console.paths)
        display.stopLevel = { [stop = context.stop] in stop.level }
        let reporter = RunReporter(mode: mode, display: display, console: console) { ContinuousClock.now - start }
        // Not a child of this task: who stops a run at once still sees what it waits for.
        let shown = Task { try await reporter.show(inputs) }
        let ticks = Task { try await tick(mode, continuation) }
        do {
            let report = try await run { continuation.yield(.event($0)) }
            ticks.cancel()
            continuation.finish()
            let told = try await shown.value
            console.record(.info, RunEventJSON.logged(report, job: job, isCanary: isCanary))
            return (report, told)
        } catch {
            ticks.cancel()
            continuation.finish()
            _ = await shown.result
            throw error
        }
    }

    private static func mode(_ arguments: Arguments, _ console: Console) -> RunReporter.Mode {
        if arguments.has("json") { return .json }
        if console.log != nil { return .log }
        if console.isQuiet { return .quiet }
        return console.showsDisplay ? .live : .lines
    }

    /// Asks for a new picture ten times a second, or looks once a second whether a line is due.
    private static func tick(
        _ mode: RunReporter.Mode, _ continuation: AsyncStream<RunReporter.Input>.Continuation
    ) async throws {
        let period: Duration
        switch mode {
        case .live: period = .milliseconds(100)
        case .lines, .log: period = .seconds(1)
        case .json, .quiet: return
        }
        while true {
            continuation.yield(.tick)
            try await Task.sleep(for: period)
        }
    }
}

internal import Synchronization

/// Shows how far a look at many partitions has come: a line that is drawn again and again on a terminal, a line now and
/// then in a log.
final class LookDisplay: Sendable {
    /// What is written beside what is found.
    enum Form {
        /// A line that is drawn anew on a terminal; elsewhere a line now and then.
        case lineOrLog
        /// A line that is drawn anew on a terminal; elsewhere nothing.
        case line
        case none
    }

    private struct State {
        var done = 0
        var differing = 0
        var rate = ProgressRate()
        var schedule = LineSchedule()
        var isDrawn = false
    }

    private let job: String
    /// How many there are; 0 where nobody knows.
    private let total: Int
    private let console: Console
    private let form: Form
    private let elapsed: @Sendable () -> Duration
    private let state = Mutex(State())
    private var isLive: Bool { console.showsDisplay && !console.isQuiet && form != .none }

    init(
        job: String, total: Int, console: Console, form: Form = .lineOrLog, elapsed: @escaping @Sendable () -> Duration
    ) {
        self.job = job
        self.total = total
        self.console = console
        self.form = form
        self.elapsed = elapsed
    }

    /// How many partitions were noted.
    var done: Int { state.withLock { $0.done } }

    /// Notes a partition of which nothing is written.
    func advance() {
        state.withLock { state in
            state.done += 1
            state.rate.finish(at: elapsed())
        }
    }

    /// Notes a partition and writes what it brought, above the line.
    func note(_ lines: [String]) throws {
        try state.withLock { state in
            state.done += 1
            state.rate.finish(at: elapsed())
            guard !lines.isEmpty else { return }
            state.differing += 1
            erase(&state)
            for line in lines { try console.result(line) }
            // On a terminal both streams share the screen.
            if isLive { try console.output.flush() }
        }
    }

    /// Draws the line, or writes one where it is due.
    func tick() {
        state.withLock { state in
            if isLive {
                erase(&state)
                let width = max(20, (console.messages.width ?? 80) - 1)
                console.alert(text(state).truncated(to: width))
                state.isDrawn = true
            } else if form == .lineOrLog, !console.isQuiet, state.schedule.isDue(at: elapsed()) {
                console.say(text(state) + "\n")
            }
        }
    }

    /// Takes the line away.
    func finish() { state.withLock { erase(&$0) } }

    /// Shows what `body` does for as long as it runs.
    func shown<Result>(_ body: () async throws -> Result) async throws -> Result {
        let ticks = Task {
            while true {
                try await Task.sleep(for: isLive ? .milliseconds(100) : .seconds(1))
                tick()
            }
        }
        do {
            let result = try await body()
            ticks.cancel()
            _ = await ticks.result
            finish()
            return result
        } catch {
            ticks.cancel()
            _ = await ticks.result
            finish()
            throw error
        }
    }

    private func erase(_ state: inout State) {
        guard state.isDrawn else { return }
        console.alert(Terminal.eraseLine)
        state.isDrawn = false
    }

    private func text(_ state: State) -> String {
        let now = elapsed()
        var parts = [NumberText.counted(state.done, "partition")]
        if total > 0 { parts = ["\(NumberText.grouped(state.done))/\(NumberText.grouped(total)) \(percent(state))%"] }
        if state.differing > 0 { parts.append("\(NumberText.grouped(state.differing)) not as recorded") }
        if let perSecond = state.rate.perSecond(at: now) {
            parts.append(RateText.describe(perSecond: perSecond))
            let left = max(0, total - state.done)
            if left > 0, let remaining = state.rate.remaining(left, at: now) {
                parts.append(remaining.text)
            }
        }
        return "\(job): " + parts.joined(separator: ", ")
    }

    private func percent(_ state: State) -> Int { NumberText.percent(min(state.done, total), of: total) }
}

import BlockingWork
import Foundation
import ProgressStore
import Synchronization
import TestSupport

/// A `reprocess run` of its own, whose output goes to files that stay when it is killed.
final class WorkerProcess: Sendable {
    /// How it ended.
    enum End: Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// How it was started.
    let plan: LaunchPlan
    private let pid: pid_t
    private let log: String
    private let thread = BlockingThread(label: "chaos worker")
    private let state = Mutex(State())

    private struct State {
        var hasEnded = false
        var wasKilled = false
        var wasTerminated = false
        /// When it was first seen standing still, and when it is to go on.
        var stoppedSince: ContinuousClock.Instant?
        var stopTime: Duration?
    }

    /// Starts it; to the path of its log, `.out` and `.err` are added.
    init(_ arguments: [String], plan: LaunchPlan, environment: [String: String], in directory: String, log: String)
        throws
    {
        (self.plan, self.log) = (plan, log)
        for file in [log + ".out", log + ".err"] { try Data().write(to: URL(filePath: file)) }
        var launch = ProgramLaunch(
            [try RunningProcess.built("reprocess")] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        launch.environment["REPROCESS_FAULT"] = plan.environmentValue
        launch.directory = directory
        launch.output = .path(log + ".out")
        launch.error = .path(log + ".err")
        launch.startsSession = true
        pid = try launch.start()
    }

    /// Waits for its end.
    func end() async -> End {
        let status = await thread.run { [pid] in waitForEnd(of: pid) }
        state.withLock { $0.hasEnded = true }
        // The layout of a wait status is part of Linux's interface: wait(2), WIFSIGNALED.
        return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f)
    }

    /// Kills it.
    func kill() { send(SIGKILL) { $0.wasKilled = true } }

    /// Asks it to end.
    func terminate() { send(SIGTERM) { $0.wasTerminated = true } }

    /// Makes it stand still until `wakeIfDue`.
    func stop(for time: Duration) { send(SIGSTOP) { $0.stopTime = time } }

    /// Whether this test has killed it.
    var wasKilled: Bool { state.withLock { $0.wasKilled } }

    /// Whether this test has asked it to end.
    var wasTerminated: Bool { state.withLock { $0.wasTerminated } }

    /// Lets it go on where it stands still, by itself or because it was made to, and its time is over.
    ///
    /// - Returns: Whether it was found standing still for the first time.
    func wakeIfDue(at now: ContinuousClock.Instant) -> Bool {
        guard isStopped else { return false }
        let (isNew, isDue) = state.withLock { state -> (Bool, Bool) in
            guard let since = state.stoppedSince else {
                state.stoppedSince = now
                return (true, false)
            }
            guard since + (state.stopTime ?? plan.stopTime) <= now else { return (false, false) }
            (state.stoppedSince, state.stopTime) = (nil, nil)
            return (false, true)
        }
        if isDue { send(SIGCONT) { _ in } }
        return isNew
    }

    /// What it has written to standard output so far.
    var output: String { text(".out") }

    /// What it has written to standard error so far.
    var errorOutput: String { text(".err") }

    private func text(_ ending: String) -> String {
        String(decoding: FileManager.default.contents(atPath: log + ending) ?? Data(), as: UTF8.self)
    }

    private func send(_ signal: Int32, _ note: (inout State) -> Void) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            note(&state)
            Glibc.kill(pid, signal)
        }
    }

    /// Whether the kernel says `T`: the third field of /proc/PID/stat, behind the name in brackets (proc(5)).
    private var isStopped: Bool {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
            let bracket = stat.lastIndex(of: UInt8(ascii: ")")), bracket + 2 < stat.endIndex
        else { return false }
        return stat[bracket + 2] == UInt8(ascii: "T")
    }
}

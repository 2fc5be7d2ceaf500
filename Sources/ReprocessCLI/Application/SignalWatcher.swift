internal import Dispatch
internal import Glibc
internal import PartitionBackfill
internal import Synchronization

/// Turns SIGINT and SIGTERM into a `StopSignal`: the first drains, the second aborts, the third ends the process.
final class SignalWatcher: Sendable {
    private let first = Mutex<Int32?>(nil)
    /// Made once and never changed; a dispatch source may be used from any thread, but is not marked so.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let stop: StopSignal

    /// Starts to watch. Writing to a closed pipe becomes an error of the write rather than the end of the process.
    ///
    /// - Parameter onKill: Called before a third signal ends the process: puts the terminal back.
    init(stop: StopSignal, onKill: @escaping @Sendable () -> Void) {
        self.stop = stop
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "reprocess.signals")
        sources = [SIGINT, SIGTERM].map { number in
            // Dispatch learns of the signal; the default action, which ends the process, must be out of the way.
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for (source, number) in zip(sources, [SIGINT, SIGTERM]) {
            source.setEventHandler { [weak self] in self?.receive(number, onKill) }
            source.activate()
        }
    }

    /// The exit code of the first signal, where there was one.
    var exitCode: ExitCode? {
        first.withLock { $0 }.map { $0 == SIGTERM ? .terminated : .interrupted }
    }

    private func receive(_ number: Int32, _ onKill: () -> Void) {
        first.withLock { $0 = $0 ?? number }
        switch stop.level {
        case .none: stop.request(.drain)
        case .drain: stop.request(.abort)
        case .abort:
            onKill()
            _exit(128 + number)
        }
    }
}

internal import Dispatch
internal import Glibc
internal import PartitionBackfill
internal import Synchronization

/// Where the signal handler writes the numbers of signals; -1 until somebody watches.
private let signalPipe = Atomic<Int32>(-1)

/// Turns SIGINT and SIGTERM into a `StopSignal`: the first drains, the second aborts, the third ends the process.
///
/// A handler that writes to a pipe, rather than a dispatch source of signals: on Linux that one sees only signals that
/// every thread blocks, and programs started from here would inherit the blocking.
final class SignalWatcher: Sendable {
    private let first = Mutex<Int32?>(nil)
    /// Made once and never changed; a dispatch source may be used from any thread, but is not marked so.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let stop: StopSignal

    /// Starts to watch, and calls `onKill`, which puts the terminal back, before a third signal ends the process.
    ///
    /// Writing to a closed pipe becomes an error of the write rather than the end of the process.
    init(stop: StopSignal, onKill: @escaping @Sendable () -> Void) {
        self.stop = stop
        var ends: [Int32] = [0, 0]
        let isOpen = pipe(&ends) == 0
        precondition(isOpen, "A new process can open a pipe.")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let readEnd = ends[0]
        signalPipe.store(ends[1], ordering: .releasing)
        source = DispatchSource.makeReadSource(
            fileDescriptor: readEnd, queue: DispatchQueue(label: "reprocess.signals"))
        source.setEventHandler { [weak self] in
            var number: UInt8 = 0
            while read(readEnd, &number, 1) == 1 { self?.receive(Int32(number), onKill) }
        }
        source.activate()
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] { SignalWatcher.installHandler(for: number) }
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

    /// Only what signal-safety(7) allows happens in the handler: one write, with `errno` put back.
    private static func installHandler(for number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let code = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(signalPipe.load(ordering: .acquiring), &byte, 1)
            errno = code
        }
        action.sa_flags = SA_RESTART
        let isInstalled = sigaction(number, &action, nil) == 0
        precondition(isInstalled, "SIGINT and SIGTERM can be handled.")
    }
}

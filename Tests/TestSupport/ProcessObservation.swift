internal import BlockingWork
internal import Foundation
internal import ProgressStore
internal import Synchronization

/// What is seen of a running process: its output as it comes, and its end.
final class ProcessObservation: Sendable {
    enum Channel: Sendable { case output, error }

    struct State {
        fileprivate(set) var received: [Channel: Data] = [:]
        fileprivate(set) var end: RunningProcess.End?
        fileprivate var openChannels: Set<Channel> = []

        /// The process has ended and everything that it wrote has been read.
        var isFinished: Bool { end != nil && openChannels.isEmpty }

        func text(of channel: Channel) -> String { String(decoding: received[channel] ?? Data(), as: UTF8.self) }

        func contains(_ text: String) -> Bool {
            self.text(of: .output).contains(text) || self.text(of: .error).contains(text)
        }
    }

    private let state: Mutex<State>
    private let changes = NSCondition()

    init(of pid: pid_t, output: FileHandle, error: FileHandle?) {
        var initial = State()
        initial.openChannels = error == nil ? [.output] : [.output, .error]
        state = Mutex(initial)
        read(output, as: .output)
        if let error { read(error, as: .error) }
        Thread.detachNewThread { [self] in
            let status = waitForEnd(of: pid)
            // The layout of a wait status is part of Linux's interface: wait(2), WIFSIGNALED.
            let signal = status & 0x7f
            change { $0.end = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal) }
        }
    }

    var end: RunningProcess.End? { state.withLock { $0.end } }

    func text(of channel: Channel) -> String { state.withLock { $0.text(of: channel) } }

    /// Waits until `condition` finds what it looks for; nil when the time is over.
    func wait<Found: Sendable>(
        _ timeout: Duration, until condition: @escaping @Sendable (State) -> Found?
    ) async -> Found? {
        let deadline = Date(timeIntervalSinceNow: timeout / .seconds(1))
        return await BlockingThread(label: "wait for a process").run { [self] in
            changes.lock()
            defer { changes.unlock() }
            while true {
                if let found = state.withLock({ condition($0) }) { return found }
                guard changes.wait(until: deadline) else { return nil }
            }
        }
    }

    private func read(_ handle: FileHandle, as channel: Channel) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = Foundation.read(handle.fileDescriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                // A terminal whose last writer has gone answers EIO.
                guard count > 0 else { break }
                change { $0.received[channel, default: Data()].append(contentsOf: buffer[..<count]) }
            }
            change { $0.openChannels.remove(channel) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        changes.lock()
        state.withLock { body(&$0) }
        changes.broadcast()
        changes.unlock()
    }
}

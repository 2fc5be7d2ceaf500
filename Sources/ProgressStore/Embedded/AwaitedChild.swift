internal import Foundation
internal import Synchronization

/// A child that may outlive this process, and is waited for as long as it does not.
///
/// Without that, a server that another process stops would stay in the process table until this one ends.
final class AwaitedChild: Sendable {
    private let running = Mutex(true)

    init(_ pid: pid_t) {
        Thread.detachNewThread { [self] in
            _ = waitForEnd(of: pid)
            running.withLock { $0 = false }
        }
    }

    var isRunning: Bool { running.withLock { $0 } }
}

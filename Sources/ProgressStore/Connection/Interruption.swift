internal import CLibPQ
internal import Glibc
internal import Synchronization

/// Wakes the thread that waits for a server's answer.
///
/// A descriptor that the thread polls beside its socket (eventfd(2)), so that the wake-up cannot come too early: it
/// stays readable until it is drained.
final class WakeUp: Sendable {
    /// The descriptor to poll; -1 where the system gave none, which poll(2) passes over.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func signal() {
        // A full counter (EAGAIN) is readable already.
        _ = eventfd_write(descriptor, 1)
    }

    func drain() {
        var value: eventfd_t = 0
        _ = eventfd_read(descriptor, &value)
    }
}

/// Whether the task that waits for one statement was cancelled.
///
/// Each statement has its own, so that a request that comes late cannot hit the statement after it: only the thread
/// that owns the connection sends the cancellation, and only for the statement in flight.
final class Interruption: Sendable {
    private let requested = Atomic(false)
    private let wakeUp: WakeUp

    init(waking wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    func request() {
        requested.store(true, ordering: .releasing)
        wakeUp.signal()
    }
}

internal import Foundation

/// A lock on a file that the kernel takes back from a process however it ends (flock(2)).
///
/// It belongs to the open file: a child that inherits the descriptor holds the lock too, and it is free when the last of
/// them has closed it. Asking for another mode gives up the one held, also where the answer is no.
final class FileLock: Sendable {
    enum Mode: Sendable { case shared, exclusive }

    /// To be given to a child; closed in every other one.
    let descriptor: Int32
    let path: String

    init(path: String) throws(LedgerError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw ClusterFolder.unusable(path) }
        defer { close(opened) }
        // Out of the way of the standard streams, and of the number that a child gets it as.
        descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 4)
        self.path = path
        guard descriptor >= 0 else {
            throw LedgerError(.cluster, "The lock \(path) cannot be opened: \(systemMessage()).")
        }
    }

    deinit { close(descriptor) }

    /// Takes the lock where that is possible at once.
    func attempt(_ mode: Mode) -> Bool {
        flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
    }

    /// Gives the lock up, for every process that holds it by the same descriptor.
    func release() { flock(descriptor, LOCK_UN) }

    /// Takes the lock, and waits for it as long as `patience` lasts.
    func acquire(_ mode: Mode, _ patience: inout Patience) throws(LedgerError) {
        while !attempt(mode) {
            try patience.wait {
                "Another process has held \(path) for too long; it may be stopped. End it and try again."
            }
        }
    }
}

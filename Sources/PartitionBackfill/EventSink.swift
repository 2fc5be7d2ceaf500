internal import Synchronization

/// Hands events to a listener one at a time, from whatever task they come.
final class EventSink: Sendable {
    private let listener: Mutex<@Sendable (BackfillEvent) -> Void>

    init(_ listener: @escaping @Sendable (BackfillEvent) -> Void) {
        self.listener = Mutex(listener)
    }

    func emit(_ event: BackfillEvent) {
        listener.withLock { $0(event) }
    }
}

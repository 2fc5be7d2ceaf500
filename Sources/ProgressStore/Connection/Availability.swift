internal import Synchronization

/// Tells the caller when the database goes away and when it is back: once each, however many connections notice.
final class Availability: Sendable {
    private let report: @Sendable (String?) -> Void
    private let waiting = Mutex<Set<ObjectIdentifier>>([])

    init(report: @escaping @Sendable (String?) -> Void) {
        self.report = report
    }

    /// A session has tried to come back, and failed.
    func lost(_ session: Session, because message: String) {
        let isFirst = waiting.withLock { waiting in
            let wasEmpty = waiting.isEmpty
            return waiting.insert(ObjectIdentifier(session)).inserted && wasEmpty
        }
        if isFirst { report(message) }
    }

    /// A session works again, or has given up, which its caller learns from the error.
    func settled(_ session: Session, works: Bool) {
        let wasLast = waiting.withLock { waiting in
            waiting.remove(ObjectIdentifier(session)) != nil && waiting.isEmpty
        }
        if wasLast, works { report(nil) }
    }
}

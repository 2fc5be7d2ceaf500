internal import Synchronization

/// A few lines; each piece of work takes the one with the least work before it.
///
/// The later lines connect only when the first is busy, or when somebody connects them ahead.
final class LinePool: Sendable {
    /// The end from which lines are taken that have as little to do as others.
    enum End { case first, last }

    private let lines: [Line]
    private let waiting: Mutex<[Int]>

    init(_ lines: [Line]) {
        precondition(!lines.isEmpty, "A pool has at least one line.")
        self.lines = lines
        waiting = Mutex(Array(repeating: 0, count: lines.count))
    }

    /// The line that work takes from the last end while none has anything to do.
    var last: Line { lines[lines.count - 1] }

    /// Runs work on a line.
    func with<Value: Sendable>(
        from end: End = .first, _ work: @Sendable (Line) async throws -> Value
    ) async throws -> Value {
        let index = waiting.withLock { waiting in
            let order = end == .first ? Array(waiting.indices) : waiting.indices.reversed()
            let least = order.min { waiting[$0] < waiting[$1] } ?? 0
            waiting[least] += 1
            return least
        }
        defer { waiting.withLock { $0[index] -= 1 } }
        return try await work(lines[index])
    }

    /// Closes every connection.
    func close() async {
        for line in lines { await line.session.close() }
    }
}

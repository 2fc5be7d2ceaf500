internal import Synchronization

/// A few lines; each piece of work takes the one with the least work before it.
///
/// The later lines connect only when the first is busy.
final class LinePool: Sendable {
    private let lines: [Line]
    private let waiting: Mutex<[Int]>

    init(_ lines: [Line]) {
        precondition(!lines.isEmpty, "A pool has at least one line.")
        self.lines = lines
        waiting = Mutex(Array(repeating: 0, count: lines.count))
    }

    /// Runs work on a line.
    func with<Value: Sendable>(_ work: @Sendable (Line) async throws -> Value) async throws -> Value {
        let index = waiting.withLock { waiting in
            let least = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
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

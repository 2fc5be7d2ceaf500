internal import Synchronization

/// How an engine's threads are divided among the partitions that are staged at the same time.
///
/// A statement alone gets every thread. Of many at once each gets the one that calls: they fill the cores by themselves,
/// and threads that help each other would only pass small pieces of work around.
struct EngineShare: Sendable, Equatable {
    /// Statements that run at the same time.
    let statements: Int
    /// Threads that help whichever statement runs, the one that calls included.
    let threadsEach: Int

    init(threads: Int, sessions: Int) {
        statements = max(1, min(sessions, threads))
        threadsEach = max(1, threads - statements + 1)
    }
}

/// Lets as many statements run at the same time as there are threads for them; further ones wait.
///
/// So a worker that stages computes, while the others publish and wait for the disk.
final class EngineSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(free: count))
    }

    /// Runs a statement when there is a slot for it.
    func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        await acquire()
        defer { release() }
        return try await body()
    }

    private func acquire() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state -> Bool in
                if state.free == 0 {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func release() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

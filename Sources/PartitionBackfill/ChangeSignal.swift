internal import Synchronization

/// Wakes one waiting task when something changed; a change while nobody waits is remembered.
final class ChangeSignal: Sendable {
    private struct State {
        var hasChanged = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Notes a change.
    func signal() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.hasChanged = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for a change, for a time, or for the task's cancellation.
    ///
    /// Only one task may wait.
    func wait(atMost timeout: Duration?) async {
        // The timer ends with the wait. It signals a change that is none, which costs one look and nothing else.
        let timer = timeout.map { timeout in
            Task {
                try await Task.sleep(for: timeout)
                signal()
            }
        }
        defer { timer?.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state -> Bool in
                    if state.hasChanged || Task.isCancelled {
                        state.hasChanged = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }
}

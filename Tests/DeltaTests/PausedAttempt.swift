import FaultPoints
import Foundation
import Lakehouse
import Partitions
import Synchronization
import TestSupport

/// An attempt on a thread of its own that pauses once.
final class PausedAttempt: Sendable {
    enum Result: Equatable { case published, held, fenced, failed(String) }

    /// What the attempt does once it has begun.
    enum Action {
        case publish
        case hold
        /// Publishes what is held of another attempt, and drops that.
        case approve(Writer)
        /// Puts back what another attempt replaced.
        case undo(Writer)
    }

    private struct State {
        var isPaused = false
        var result: Result?
        var seenAfterBegin: Generation??
        var sawChange = false
    }

    private let key: PartitionKey
    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let release = DispatchSemaphore(value: 0)

    /// Starts the attempt and waits until it is paused or done.
    init(
        _ sample: DeltaSample, _ key: PartitionKey = DeltaSample.key, fence: Int64, pausedAt point: FaultPoint,
        _ action: Action = .publish, rows: Int64 = 3
    ) {
        self.key = key
        Thread.detachNewThread { [self] in
            let result = run(sample, fence, point, action, rows)
            state.withLock { $0.result = result }
            changed.signal()
        }
        changed.wait()
    }

    var sawChangeAfterBegin: Bool { state.withLock { $0.sawChange } }

    /// Lets the attempt go on to its end.
    func finish() -> Result {
        if let result = state.withLock({ $0.result }) { return result }
        release.signal()
        changed.wait()
        return state.withLock { $0.result } ?? .failed("woken without a result")
    }

    private func run(
        _ sample: DeltaSample, _ fence: Int64, _ point: FaultPoint, _ action: Action, _ rows: Int64
    ) -> Result {
        do {
            let observer = try sample.table()
            let table = try sample.table { [self] reached in
                try look(reached, observer)
                if reached == point { pause() }
            }
            let staging = try table.begin(key, writer: .attempt(fence))
            do {
                try stage(staging, of: table, action)
            } catch let error as TableError {
                throw error
            } catch {
                // The staging was revoked before the file was written.
                return FileManager.default.fileExists(atPath: staging.directory) ? .failed("\(error)") : .fenced
            }
            if case .hold = action {
                _ = try table.hold(staging)
                return .held
            }
            guard case .published = try table.publish(staging, rows: rows) else { return .fenced }
            if case .approve(let writer) = action { try table.dropHeld(key, by: writer) }
            return .published
        } catch let error as TableError {
            return error.code == .fenced ? .fenced : .failed(error.message)
        } catch {
            return .failed("\(error)")
        }
    }

    private func stage(_ staging: Staging, of table: DeltaTable, _ action: Action) throws {
        switch action {
        case .publish, .hold: try DeltaSample.stage(staging)
        case .approve(let writer): try table.stageHeld(by: writer, into: staging)
        case .undo(let writer): try table.stageReplaced(by: writer, into: staging)
        }
    }

    /// What the partition holds when `begin` returns must still be there when the commit comes.
    private func look(_ reached: FaultPoint, _ observer: DeltaTable) throws {
        guard reached == .begun || reached == .aboutToCommit else { return }
        let now = try observer.current(key)
        state.withLock { state in
            if reached == .begun { state.seenAfterBegin = .some(now) }
            if reached == .aboutToCommit, let seen = state.seenAfterBegin, seen != now { state.sawChange = true }
        }
    }

    private func pause() {
        let isFirst = state.withLock { state in
            defer { state.isPaused = true }
            return !state.isPaused
        }
        guard isFirst else { return }
        changed.signal()
        release.wait()
    }
}

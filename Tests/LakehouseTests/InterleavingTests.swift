import FaultPoints
import Foundation
import Lakehouse
import Partitions
import Synchronization
import TestSupport
import Testing

/// Two attempts at one partition, each paused at every point while the other goes on.
@Suite struct InterleavingTests {
    @Test(arguments: FaultPoint.table, [true, false])
    func `The higher fence wins, whatever was in between`(first: FaultPoint, replaces: Bool) throws {
        for second in FaultPoint.table {
            // In memory: what is tested is the order of steps, not the disk.
            let sample = try Sample(in: "/dev/shm")
            if replaces { try sample.publish(1) }
            // A dead attempt's staging, so that there is something to revoke.
            _ = try sample.table().begin(Sample.key, writer: .attempt(2))
            try race(sample, first, second, replaces: replaces)
        }
    }

    private func race(_ sample: Sample, _ first: FaultPoint, _ second: FaultPoint, replaces: Bool) throws {
        let context: Comment = "lower paused at \(first), higher paused at \(second), replacing: \(replaces)"
        let lower = PausedAttempt(sample, fence: 3, pausedAt: first)
        lower.waitUntilPausedOrDone()
        let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
        higher.waitUntilPausedOrDone()
        let lowerResult = lower.finish()
        let higherResult = higher.finish()

        #expect(higherResult == .published, context)
        #expect(lowerResult == .published || lowerResult == .fenced, context)
        #expect(!higher.sawChangeAfterBegin, context)
        #expect(Sample.names(in: sample.partition) == ["part-\(Writer.attempt(4).text)-00000.parquet"], context)
        let current = try sample.table().current(Sample.key)
        #expect(current?.writer == .attempt(4) && current?.rows == 3, context)
        let kept = Sample.paths(below: sample.sibling + "/previous").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (replaces ? 1 : 0) + (lowerResult == .published ? 1 : 0), context)
        let left = Sample.paths(below: sample.stagings).filter { !$0.contains(".published-") }
        #expect(left.isEmpty, context)
    }
}

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
        var isReleased = false
        var result: Result?
        var seenAfterBegin: Generation??
        var sawChange = false
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let release = DispatchSemaphore(value: 0)

    init(_ sample: Sample, fence: Int64, pausedAt point: FaultPoint, _ action: Action = .publish) {
        Thread.detachNewThread { [self] in
            let result = run(sample, fence, point, action)
            state.withLock { $0.result = result }
            changed.signal()
        }
    }

    var sawChangeAfterBegin: Bool { state.withLock { $0.sawChange } }

    func waitUntilPausedOrDone() { changed.wait() }

    func finish() -> Result {
        if let result = state.withLock({ $0.result }) { return result }
        release.signal()
        changed.wait()
        return state.withLock { $0.result } ?? .failed("woken without a result")
    }

    private func run(_ sample: Sample, _ fence: Int64, _ point: FaultPoint, _ action: Action) -> Result {
        do {
            let observer = try sample.table()
            let table = try sample.table { [self] reached in
                try look(reached, observer)
                if reached == point { pause() }
            }
            let staging = try table.begin(Sample.key, writer: .attempt(fence))
            return try end(staging, of: table, action)
        } catch let error as TableError {
            return error.code == .fenced ? .fenced : .failed(error.message)
        } catch let error as CocoaError where error.code == .fileNoSuchFile || error.code == .fileReadNoSuchFile {
            // The staging was revoked before the file was written.
            return .fenced
        } catch {
            return .failed("\(error)")
        }
    }

    private func end(_ staging: Staging, of table: HiveTable, _ action: Action) throws -> Result {
        switch action {
        case .publish: try Sample.stage(staging)
        case .hold:
            try Sample.stage(staging)
            _ = try table.hold(staging)
            return .held
        case .approve(let writer): try table.stageHeld(by: writer, into: staging)
        case .undo(let writer): try table.stageReplaced(by: writer, into: staging)
        }
        guard case .published = try table.publish(staging, rows: 3) else { return .fenced }
        if case .approve(let writer) = action { try table.dropHeld(staging.key, by: writer) }
        return .published
    }

    /// What the partition holds when `begin` returns must still be there when the exchange comes.
    private func look(_ reached: FaultPoint, _ observer: HiveTable) throws {
        guard reached == .begun || reached == .aboutToExchange else { return }
        let now = try observer.current(Sample.key)
        state.withLock { state in
            if reached == .begun { state.seenAfterBegin = .some(now) }
            if reached == .aboutToExchange, let seen = state.seenAfterBegin, seen != now { state.sawChange = true }
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

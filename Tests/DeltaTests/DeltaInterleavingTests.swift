import FaultPoints
import Foundation
import Lakehouse
import Partitions
import Synchronization
import TestSupport
import Testing

/// Two attempts, each paused at every point while the other goes on.
@Suite struct DeltaInterleavingTests {
    @Test(arguments: FaultPoint.delta, [true, false])
    func `The higher fence of one partition wins, whatever was in between`(first: FaultPoint, replaces: Bool) throws {
        for second in FaultPoint.delta {
            // In memory: what is tested is the order of steps, not the disk.
            let sample = try DeltaSample(in: "/dev/shm")
            if replaces { try sample.publish(1) }
            // A dead attempt's staging, so that there is something to revoke.
            _ = try sample.table().begin(DeltaSample.key, writer: .attempt(2))
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first)
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            let context: Comment = "lower paused at \(first), higher at \(second), replacing: \(replaces)"
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())

            #expect(higherResult == .published, context)
            #expect(lowerResult == .published || lowerResult == .fenced, context)
            #expect(!higher.sawChangeAfterBegin, context)
            let current = try sample.table().current(DeltaSample.key)
            #expect(current?.writer == .attempt(4) && current?.rows == 3, context)
            let commits = (replaces ? 1 : 0) + (lowerResult == .published ? 2 : 1)
            #expect(sample.versions == (0..<Int64(commits)).map { $0 }, context)
            // Each entry removes all that the one before it added, so no row is there twice.
            for version in 1..<max(1, commits) {
                let removed = try sample.paths("remove", in: version)
                #expect(try removed == sample.paths("add", in: version - 1), context)
            }
            let left = DeltaSample.names(in: sample.attempts)
            #expect(left.allSatisfy { $0.hasSuffix(".ended") }, context)
            #expect(left.contains(Writer.attempt(4).text + ".ended"), context)
        }
    }

    @Test(arguments: FaultPoint.delta)
    func `Two partitions never stand in each other's way, also where both make the table`(first: FaultPoint) throws {
        for second in FaultPoint.delta {
            for exists in [true, false] {
                let sample = try DeltaSample(in: "/dev/shm")
                if exists { try sample.publish(1, DeltaSample.key.advanced(by: 2)) }
                let context: Comment = "one paused at \(first), the other at \(second), table exists: \(exists)"
                let one = PausedAttempt(sample, fence: 3, pausedAt: first)
                let other = PausedAttempt(sample, DeltaSample.key.next, fence: 4, pausedAt: second)
                #expect(one.finish() == .published, context)
                #expect(other.finish() == .published, context)
                #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(3), context)
                #expect(try sample.table().current(DeltaSample.key.next)?.writer == .attempt(4), context)
                #expect(sample.versions.count == (exists ? 3 : 2), context)
            }
        }
    }
}

extension DeltaSample {
    /// The paths in the adds or removes of an entry.
    fileprivate func paths(_ action: String, in version: Int) throws -> [String] {
        try actions(of: version).compactMap { ($0[action] as? [String: Any])?["path"] as? String }.sorted()
    }
}

/// An attempt on a thread of its own that pauses once.
private final class PausedAttempt: Sendable {
    enum Result: Equatable { case published, fenced, failed(String) }

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
    init(_ sample: DeltaSample, _ key: PartitionKey = DeltaSample.key, fence: Int64, pausedAt point: FaultPoint) {
        self.key = key
        Thread.detachNewThread { [self] in
            let result = run(sample, fence, point)
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

    private func run(_ sample: DeltaSample, _ fence: Int64, _ point: FaultPoint) -> Result {
        do {
            let observer = try sample.table()
            let table = try sample.table { [self] reached in
                try look(reached, observer)
                if reached == point { pause() }
            }
            let staging = try table.begin(key, writer: .attempt(fence))
            do {
                try DeltaSample.stage(staging)
            } catch {
                // The staging was revoked before the file was written.
                return FileManager.default.fileExists(atPath: staging.directory) ? .failed("\(error)") : .fenced
            }
            if case .published = try table.publish(staging, rows: 3) { return .published }
            return .fenced
        } catch let error as TableError {
            return error.code == .fenced ? .fenced : .failed(error.message)
        } catch {
            return .failed("\(error)")
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

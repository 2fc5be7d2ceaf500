import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// Attempts at several days that commit at the same moment, in one process; their group pauses once.
///
/// One more attempt, at a day of its own, has the lead until all of them wait behind it.
final class GroupedAttempts: Sendable {
    enum Result: Equatable {
        case published
        case fenced
        case failed(TableError.Code?)
    }

    /// The day and the fence of the attempt that has the lead at first.
    static let opener = (key: DeltaSample.key.advanced(by: 20), fence: Int64(90))

    private static let openerName = "opener"

    private struct State {
        var isOpen = false
        var isGrouped = false
        var isPaused = false
        var results: [PartitionKey: Result] = [:]
    }

    private let count: Int
    private let point: FaultPoint?
    private let action: @Sendable () throws -> Void
    private let openerFails: Bool
    private let observer: (@Sendable (_ call: String, _ path: String) -> Void)?
    private let state = Mutex(State())
    private let opened = DispatchSemaphore(value: 0)
    private let openerMayGo = DispatchSemaphore(value: 0)
    private let changed = DispatchSemaphore(value: 0)
    private let release = DispatchSemaphore(value: 0)
    private let shared = Mutex<DeltaTable?>(nil)

    /// The table by which all of them commit.
    var table: DeltaTable? { shared.withLock { $0 } }

    /// Starts the attempts and waits until their group is paused or all are done.
    ///
    /// `action` is done at that point before the pause, and `waiting` when all wait and none of them has been looked at.
    /// `observer` sees the system calls. The attempt that has the lead at first may fail and commit nothing.
    init(
        _ sample: DeltaSample, _ members: KeyValuePairs<PartitionKey, Int64>, pausedAt point: FaultPoint? = nil,
        action: @escaping @Sendable () throws -> Void = {},
        observer: (@Sendable (_ call: String, _ path: String) -> Void)? = nil, openerFails: Bool = false,
        waiting: () throws -> Void = {}
    ) throws {
        count = members.count + 1
        self.point = point
        self.action = action
        self.openerFails = openerFails
        self.observer = observer
        let table = try sample.table { [self] in try reached($0) }
        shared.withLock { $0 = table }
        start(table, GroupedAttempts.opener.key, GroupedAttempts.opener.fence)
        opened.wait()
        for (key, fence) in members { start(table, key, fence) }
        let deadline = ContinuousClock.now + .seconds(120)
        while table.waitingCommits < members.count, ContinuousClock.now < deadline { usleep(500) }
        try waiting()
        openerMayGo.signal()
        changed.wait()
    }

    /// Lets all go on to their end; what became of each day.
    func finish() -> [PartitionKey: Result] {
        if state.withLock({ $0.results.count < count }) {
            release.signal()
            changed.wait()
        }
        return state.withLock { $0.results }
    }

    private func start(_ table: DeltaTable, _ key: PartitionKey, _ fence: Int64) {
        Thread.detachNewThread { [self] in
            if key == GroupedAttempts.opener.key { Thread.current.name = GroupedAttempts.openerName }
            let result = SystemCallTrace.$observer.withValue(observer) { GroupedAttempts.run(table, key, fence) }
            let isLast = state.withLock { state in
                state.results[key] = result
                return state.results.count == count
            }
            if isLast { changed.signal() }
        }
    }

    private static func run(_ table: DeltaTable, _ key: PartitionKey, _ fence: Int64) -> Result {
        do {
            let staging = try table.begin(key, writer: .attempt(fence))
            try DeltaSample.stage(staging)
            if case .published = try table.publish(staging, rows: 3) { return .published }
            return .fenced
        } catch {
            return .failed((error as? TableError)?.code)
        }
    }

    private func reached(_ reached: FaultPoint) throws {
        let (isOpening, isPausing) = state.withLock { state in
            if reached == .groupMade { state.isGrouped = true }
            let isOpening = reached == .aboutToCommit && !state.isOpen
            if isOpening { state.isOpen = true }
            // The one that had the lead at first comes to its own end meanwhile.
            let isMember = Thread.current.name != GroupedAttempts.openerName
            let isPausing = isMember && state.isGrouped && reached == point && !state.isPaused
            if isPausing { state.isPaused = true }
            return (isOpening, isPausing)
        }
        if isOpening {
            opened.signal()
            openerMayGo.wait()
            if openerFails { throw CancellationError() }
        }
        guard isPausing else { return }
        try action()
        changed.signal()
        release.wait()
    }
}

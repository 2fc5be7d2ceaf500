import Foundation
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Transforms

@testable import PartitionBackfill

/// Lets transforms wait until a test opens it, and counts how many are within.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var within = 0
        var peak = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// How many are within.
    var within: Int { state.withLock { $0.within } }

    /// The most that were within at the same time, since it was last asked for.
    func takePeak() -> Int {
        state.withLock { state in
            defer { state.peak = state.within }
            return state.peak
        }
    }

    /// Waits within until the gate is open, or the task is cancelled; and then for a while, so that others meet it there.
    func pass(lingering: Duration = .zero) async throws {
        let number = state.withLock { state in
            state.within += 1
            state.peak = max(state.peak, state.within)
            state.next += 1
            return state.next
        }
        defer { state.withLock { $0.within -= 1 } }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
        try await Task.sleep(for: lingering)
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting.removeAll() }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension BackfillFixture {
    /// A controller whose runs look often at what is asked of them.
    func steered(
        _ job: Job, ledger other: Ledger? = nil, time: @escaping @Sendable (Date) -> Date = { $0 }
    ) throws -> Backfill {
        var backfill = try backfill(job, ledger: other)
        backfill.clock = RunClock(period: .milliseconds(20), time: time)
        return backfill
    }

    /// What a run of the days from the first of January 2024 on is asked to do.
    static func request(_ last: String = "2024-01-10", workers: Int = 2) throws -> BackfillRequest {
        BackfillRequest(partitions: try days("2024-01-01", last), workers: workers)
    }

    /// Asks something of the runs of the job, as somebody at another machine does.
    func ask(_ control: RunControl?, _ settings: [String: String] = [:], run: Int64? = nil) async throws {
        let steered = try await anotherLedger().steer(
            SteerRequest(
                job: "orders", run: run, control: control, settings: settings, user: "ann@alpha", reason: "month-end"))
        guard steered.contains(where: \.obeys) else { throw TestSupportError("no run obeys: \(steered)") }
    }

    /// How many partitions have each status.
    func statuses() async throws -> [String: Int] {
        let rows = try await cluster.execute(
            "SELECT status, count(*) FROM \(schema).partition_progress GROUP BY status")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", Int($0[1] ?? "") ?? 0) })
    }

    /// A value of one column of the runs, by number.
    func runs(_ column: String) async throws -> [String?] {
        try await cluster.execute("SELECT \(column) FROM \(schema).run ORDER BY run_id").map { $0[0] }
    }
}

/// Waits until a condition holds.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TestSupportError("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

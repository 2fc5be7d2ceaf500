import Foundation
import TestSupport

/// Does to workers, server and connections what the schedule says, one fault after the other.
///
/// What takes a while, such as a stall, goes on beside the next faults.
actor FaultDriver {
    private var schedule: FaultSchedule
    private let pool: WorkerPool
    private let cluster: TestCluster
    private let proxy: ChaosProxy
    private let tally: ChaosTally

    init(schedule: FaultSchedule, pool: WorkerPool, cluster: TestCluster, proxy: ChaosProxy, tally: ChaosTally) {
        (self.schedule, self.pool, self.cluster) = (schedule, pool, cluster)
        (self.proxy, self.tally) = (proxy, tally)
    }

    /// Goes on until an instant, or until the task is cancelled; afterwards everything is carried and nobody is stopped
    /// for longer than is due.
    func drive(until deadline: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            while ContinuousClock.now < deadline, let step = schedule.next() {
                do { try await Task.sleep(for: step.pause) } catch { break }
                if let ending = try await begin(step.fault) { group.addTask { await ending() } }
            }
            group.cancelAll()
        }
        proxy.calm()
    }

    /// Does a fault, and returns what ends it where it lasts.
    private func begin(_ fault: Fault) async throws -> (@Sendable () async -> Void)? {
        switch fault {
        case .kill(let place): await pool.withWorker(at: place) { $0.kill() }
        case .terminate(let place): await pool.withWorker(at: place) { $0.terminate() }
        case .stop(let place, let time): await pool.withWorker(at: place) { $0.stop(for: time) }
        case .terminateBackends(let selection): try await terminateBackends(selection)
        case .restartServer:
            try await cluster.restart(immediate: true)
            tally.add(.restarts)
        case .cut(let selection, let resets): proxy.cut(selection, resets: resets)
        case .refuse(let time):
            proxy.refuseNew(true)
            return { [proxy] in
                try? await Task.sleep(for: time)
                proxy.refuseNew(false)
            }
        case .stall(let selection, let time, let cuts):
            proxy.stall(selection)
            return { [proxy] in
                try? await Task.sleep(for: time)
                if cuts { proxy.cut(selection, resets: false) }
                proxy.resume()
            }
        case .swallowReply(let kind): proxy.swallowReply(to: kind)
        }
        return nil
    }

    private func terminateBackends(_ selection: Fault.Selection) async throws {
        let backends = try await cluster.execute(
            """
            SELECT pid FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid
            """
        ).compactMap { $0[0] }
        let chosen = backends.enumerated().filter { selection.contains($0.offset) }.map(\.element)
        guard !chosen.isEmpty else { return }
        // One that has gone meanwhile is nothing to warn of.
        let ended = try await cluster.execute(
            """
            SET client_min_messages = error;
            SELECT pid FROM unnest(ARRAY[\(chosen.joined(separator: ","))]) AS p (pid) WHERE pg_terminate_backend(pid)
            """)
        tally.add(.backendsTerminated, ended.count)
    }
}

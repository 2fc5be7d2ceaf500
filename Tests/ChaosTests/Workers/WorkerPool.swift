import FaultPoints
import Foundation
import TestSupport

/// A fixed number of places for workers: where one dies, another is started, until each has found nothing left to do.
actor WorkerPool {
    private let project: ChaosProject
    private let settings: ChaosSettings
    private let environment: [String: String]
    private let tally: ChaosTally
    private let logs: String
    private var launches = 0
    private var running: [Int: WorkerProcess] = [:]

    init(
        project: ChaosProject, settings: ChaosSettings, environment: [String: String], tally: ChaosTally, logs: String
    ) {
        (self.project, self.settings, self.environment) = (project, settings, environment)
        (self.tally, self.logs) = (tally, logs)
    }

    /// Fills all places, and returns when every one has ended with nothing left to do.
    ///
    /// - Parameter isCalm: Whether nothing is done to the workers any more, so that each has to end by itself.
    /// - Throws: `ChaosFailure` where a worker ends in a way that no fault explains.
    func work(isCalm: @escaping @Sendable () -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<settings.processes {
                group.addTask { try await self.fill(place, isCalm: isCalm) }
            }
            do {
                try await group.waitForAll()
            } catch {
                // Cancelled first, so that nobody takes the place of one that is killed.
                group.cancelAll()
                killAll()
                throw error
            }
        }
    }

    /// Does something to the worker at a place, counted around among those that run.
    func withWorker(at place: UInt64, _ body: @Sendable (WorkerProcess) -> Void) {
        let candidates = running.sorted { $0.key < $1.key }.map(\.value)
        guard !candidates.isEmpty else { return }
        body(candidates[Int(place % UInt64(candidates.count))])
    }

    /// Lets those go on that have stood still for long enough.
    func wakeTheStopped() {
        let now = ContinuousClock.now
        for worker in running.values where worker.wakeIfDue(at: now) { tally.add(.stopped) }
    }

    /// Kills all that run.
    func killAll() { for worker in running.values { worker.kill() } }

    private func fill(_ place: Int, isCalm: @Sendable () -> Bool) async throws {
        while !Task.isCancelled {
            let calm = isCalm()
            let worker = try launch(at: place, withFaults: !calm)
            let end = await worker.end()
            running[place] = nil
            try note(worker)
            if try judge(end, worker, wasCalm: calm) { return }
        }
    }

    private func launch(at place: Int, withFaults: Bool) throws -> WorkerProcess {
        launches += 1
        tally.add(.launched)
        let job: ChaosJob = place < ChaosJob.batched.share(of: settings.processes) ? .batched : .figures
        var plan = LaunchPlan(seed: settings.seed, number: launches, lease: settings.lease, job: job)
        if !withFaults { plan = plan.withoutFault }
        let worker = try WorkerProcess(
            ChaosProject.arguments(job, workers: plan.workers, lease: settings.lease), plan: plan,
            environment: environment.merging([ChaosJob.batchRows: "\(plan.batchRows)"]) { $1 }, in: project.path,
            log: "\(logs)/worker-\(launches)")
        running[place] = worker
        return worker
    }

    /// Whether the place is done; a place whose worker died for a reason is filled again.
    private func judge(_ end: WorkerProcess.End, _ worker: WorkerProcess, wasCalm: Bool) throws -> Bool {
        switch end {
        case .exited(0): return true
        case .signalled(SIGKILL) where worker.wasKilled:
            tally.add(.killed)
        case .signalled(SIGKILL) where worker.plan.point != nil && !worker.plan.stops:
            tally.add(.killedAtPoint)
            if let point = worker.plan.point, FaultPoint.batches.contains(point) { tally.add(.killedInBatch) }
        case .exited(143) where worker.wasTerminated, .signalled(SIGTERM) where worker.wasTerminated:
            tally.add(.terminated)
        case .exited(2) where !wasCalm && ServerTrouble.explains(worker.errorOutput):
            tally.add(.refused)
        default:
            throw ChaosFailure(
                "A worker ended unexpectedly: \(end), \(worker.plan)\n\(worker.output.suffix(2000))\n"
                    + worker.errorOutput.suffix(4000))
        }
        return false
    }

    private func note(_ worker: WorkerProcess) throws {
        let facts = WorkerFacts(output: worker.output)
        tally.add(.toldLost, facts.lost)
        tally.add(.batches, facts.batches)
        tally.add(.cutAgain, facts.cutAgain)
        tally.add(.takenUp, facts.takenUp)
        tally.add(.takenUpBatches, facts.takenUpBatches)
        // In a round, neither the transform nor a source changes: what was finished counts until the end.
        guard facts.forgotten.isEmpty else {
            throw ChaosFailure("Finished batches were forgotten: \(facts.forgotten), \(worker.plan)")
        }
    }
}

/// What a worker says that could not reach its server when it started, as it may while the server restarts.
enum ServerTrouble {
    private static let phrases = [
        "server closed the connection", "Connection reset by peer", "Connection refused", "starting up",
        "in recovery mode", "shutting down", "no answer within", "terminating connection", "ended the connection",
        "could not receive", "broke:", "crash of another server process",
    ]

    /// Whether an error message says so.
    static func explains(_ message: String) -> Bool { phrases.contains { message.contains($0) } }
}

import Foundation
import TestSupport

/// The program's other commands: what they do meanwhile, and what they say in the end.
extension ChaosRun {
    private struct Plan: Decodable {
        struct Partition: Decodable { let partition, action, reason: String }
        let partitions: [Partition]
    }

    /// Asks the program, which must find nothing left to do and nothing wrong.
    func checkByCommands() async throws {
        for job in ChaosJob.allCases { try await checkByCommands(job) }
    }

    private func checkByCommands(_ job: ChaosJob) async throws {
        let text = try await run(["plan", job.rawValue, "--json"] + job.range)
        let plan = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
        let left = plan.partitions.filter { $0.action != "skip" || $0.reason != "complete" }
        guard left.isEmpty, plan.partitions.count == project.days[job]?.count else {
            throw ChaosFailure(
                "A plan of \(job) at the end has \(plan.partitions.count) partitions, of which not complete: \(left)")
        }
        let differences = try await run(["verify", job.rawValue, "--deep"])
        guard differences.isEmpty else { throw ChaosFailure("\(job) at the end differs:\n\(differences)") }
    }

    /// Whatever is done to workers, server and network says nothing about the partitions: no breaker may have tripped, though
    /// one failure would have sufficed.
    func checkBreakers() async throws {
        let trips = try await cluster.execute(
            "SELECT asked_by || ': ' || reason FROM \(ChaosProject.schema).control_event WHERE is_breaker")
        guard trips.isEmpty else { throw ChaosFailure("Breakers have tripped:\n\(trips.compactMap(\.first))") }
    }

    /// Removes all that may go, while nobody works: only the newest fences and records may be left.
    func cleanCompletely() async throws {
        for job in ChaosJob.allCases {
            let before = try TableFacts(of: project, job)
            _ = try await run(["clean", job.rawValue, "--keep", "0s"])
            let violations = CleanAudit(before: before, after: try TableFacts(of: project, job)).violations()
            guard violations.isEmpty else {
                throw ChaosFailure(
                    "\(violations.count) violations after a cleaning of \(job):\n"
                        + violations.joined(separator: "\n"))
            }
        }
    }

    /// Cleans again and again, as somebody might while the workers are at work.
    func cleanBesideTheWorkers() async throws {
        var jobs: [ChaosJob] = []
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            if jobs.isEmpty { jobs = ChaosJob.allCases }
            let process = try start(["clean", jobs.removeFirst().rawValue])
            let end = try await process.wait(timeout: .seconds(300))
            guard end == .exited(0) || end == .exited(2) && ServerTrouble.explains(process.errorOutput) else {
                throw ChaosFailure("A cleaning has ended with \(end):\n\(process.output)\n\(process.errorOutput)")
            }
            if end == .exited(0) { tally.add(.cleanings) }
        }
    }

    /// Runs a command in peace; returns its standard output.
    private func run(_ command: [String]) async throws -> String {
        let process = try start(command)
        let end = try await process.wait(timeout: .seconds(300))
        guard end == .exited(0) else {
            throw ChaosFailure("\(command) has ended with \(end):\n\(process.output)\n\(process.errorOutput)")
        }
        return process.output
    }

    private func start(_ command: [String]) throws -> RunningProcess {
        let process = try RunningProcess(
            try RunningProcess.built("reprocess"), command, environment: environment.mapValues { $0 },
            directory: project.path)
        try process.closeInput()
        return process
    }
}

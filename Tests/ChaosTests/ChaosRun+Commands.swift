import Foundation
import TestSupport

/// What the program itself says about the table in the end.
extension ChaosRun {
    private struct Plan: Decodable {
        struct Partition: Decodable { let partition, action, reason: String }
        let partitions: [Partition]
    }

    /// Asks the program, which must find nothing left to do.
    func checkByCommands() async throws {
        let text = try await run("plan", ChaosProject.job, "--json")
        let plan = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
        let left = plan.partitions.filter { $0.action != "skip" || $0.reason != "complete" }
        guard left.isEmpty, plan.partitions.count == project.days.count else {
            throw ChaosFailure(
                "A plan at the end has \(plan.partitions.count) partitions, of which not complete: \(left)")
        }
    }

    /// Runs a command over all days; returns its standard output.
    private func run(_ command: String...) async throws -> String {
        let process = try RunningProcess(
            try RunningProcess.built("reprocess"), command + ChaosProject.range, environment: environment,
            directory: project.path)
        try process.closeInput()
        let end = try await process.wait(timeout: .seconds(300))
        guard end == .exited(0) else {
            throw ChaosFailure("\(command) has ended with \(end):\n\(process.output)\n\(process.errorOutput)")
        }
        return process.output
    }
}

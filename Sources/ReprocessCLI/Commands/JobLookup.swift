internal import PartitionBackfill
internal import ProgressStore

/// Finds jobs and their runs where only the history counts: the configuration may not have the job any more.
struct JobLookup: Sendable {
    let project: Project
    let ledger: Ledger

    /// The name of a job that the configuration or the history has; nil where none is named and there are several.
    ///
    /// - Throws: `UsageError` where neither knows the name.
    func name(_ name: String?, for command: Command) async throws -> String? {
        guard let name else { return project.jobs.count == 1 ? project.jobs[0].name : nil }
        if project.jobs.contains(where: { $0.name == name }) { return name }
        guard try await ledger.runs(job: name, limit: 1).isEmpty else { return name }
        return try project.job(named: name, for: command).name
    }

    /// The run with a number, or a job's last one.
    ///
    /// - Throws: `Refusal` where there is none; `UsageError` where it is not said which job is meant.
    func run(_ number: Int?, ofJob given: String?, for command: Command) async throws -> RunRow {
        if let job = try await name(given, for: command), given != nil || number == nil {
            return try await RunLookup(ledger: ledger, job: job).run(number)
        }
        guard let number else { return try await lastRun(for: command) }
        guard let run = try await ledger.run(Int64(number)) else {
            throw Refusal("The ledger knows no run \(number). 'runs' lists those that it knows.")
        }
        return run
    }

    private func lastRun(for command: Command) async throws -> RunRow {
        let job = try project.job(named: nil, for: command)
        return try await RunLookup(ledger: ledger, job: job.name).run(nil as Int?)
    }
}

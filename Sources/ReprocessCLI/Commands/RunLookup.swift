internal import PartitionBackfill
internal import ProgressStore

/// Finds runs by what was typed.
struct RunLookup {
    let ledger: Ledger
    let job: String

    /// The run with a number.
    ///
    /// - Throws: `Refusal` where there is none, or where it is another job's.
    func run(_ number: Int64) async throws -> RunRow {
        guard let run = try await ledger.run(number) else {
            let last = try await ledger.runs(job: job, limit: 1).first
            throw Refusal(
                "The ledger knows no run \(number)."
                    + (last.map { " The last one of \(job) is \($0.id)." } ?? " The job \(job) had none yet."))
        }
        guard run.job == job else {
            throw Refusal("Run \(number) is one of the job '\(run.job)': name that job before its options.")
        }
        return run
    }

    /// The run with a number, or the last one.
    func run(_ number: Int?) async throws -> RunRow {
        if let number { return try await run(Int64(number)) }
        guard let run = try await ledger.runs(job: job, limit: 1).first else {
            throw Refusal("The job \(job) had no run yet.")
        }
        return run
    }
}

public import Foundation
internal import Partitions

extension Ledger {
    /// The fence that the sequence has reached: what is claimed later has a higher one.
    public func currentFence() async throws -> Int64 {
        try await work.with { line in try await line.run(CurrentFence()) }.first ?? 0
    }

    /// What the database's clock says; a worker's own clock decides nothing.
    public func now() async throws -> Date {
        guard let now = try await work.with({ line in try await line.run(DatabaseTime()) }).first ?? nil else {
            throw LedgerError(.malformed, "The database did not tell the time: run the command again.")
        }
        return now
    }

    /// Opens a run, with a PENDING row for every planned partition that has none.
    public func openRun(_ request: RunRequest) async throws -> Int64 {
        let statement = OpenRun(request: request, requestID: UUID(), worker: worker.name)
        let runs = try await work.with { line in try await line.run(statement) }
        guard let run = runs.first else {
            throw LedgerError(
                .malformed, "The ledger did not number the run of '\(request.job)': run the command again.")
        }
        return run
    }

    /// The runs of a job, newest first.
    public func runs(job: String, limit: Int) async throws -> [RunRow] {
        try await work.with { line in try await line.run(Runs(job: job, limit: limit)) }
    }

    /// The runs of all jobs, newest first.
    public func runs(limit: Int) async throws -> [RunRow] {
        try await work.with { line in try await line.run(AllRuns(limit: limit)) }
    }

    /// One run; nil where the ledger has none of that number.
    public func run(_ id: Int64) async throws -> RunRow? {
        try await work.with { line in try await line.run(RunByID(run: id)) }.first
    }

    /// Records how a run ended; what was recorded first stays.
    ///
    /// A cancelled task does not stop it.
    public func closeRun(_ run: Int64, _ result: RunResult) async throws {
        _ = try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(CloseRun(run: run, result: result)) }
        }
    }
}

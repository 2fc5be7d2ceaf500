internal import Foundation
internal import PartitionBackfill
internal import ProgressStore
internal import Transforms

extension Project {
    /// Makes this process stand back as far as the command line or the job says.
    ///
    /// Before anything of the job is opened: what is begun afterwards inherits it, threads and an embedded server.
    func standBack(for job: Job) throws {
        try ProcessPriority(nice: nice ?? job.defaults.nice).apply()
    }

    /// Opens the ledger; whoever calls this closes it.
    func openLedger() async throws -> Ledger {
        try await Ledger.open(ledger, options: ledgerOptions)
    }

    /// Opens the ledger, gives it to `body`, and closes it whatever happens.
    func withLedger<Result: Sendable>(_ body: (Ledger) async throws -> Result) async throws -> Result {
        let ledger = try await openLedger()
        do {
            let result = try await body(ledger)
            await ledger.close()
            return result
        } catch {
            await ledger.close()
            throw error
        }
    }

    /// Opens the ledger and gives a controller to `body`, for what runs no transform: a broken one must not keep anybody
    /// from deciding about what an earlier one has made.
    func withController<Result: Sendable>(
        of job: Job, sessions: Int = 1, _ body: (Backfill) async throws -> Result
    ) async throws -> Result {
        try standBack(for: job)
        let engine = DuckDBSQLEngine(options: self.engine.options(sessions: sessions))
        return try await withLedger { ledger in try await body(try Backfill(job: job, ledger: ledger, engine: engine)) }
    }

    /// Opens engine and ledger at the same time, and gives the controller to `body`.
    ///
    /// The job's transform is checked meanwhile, for which the engine is loaded: a plan waits for the outcome, and so does
    /// the end.
    func withBackfill<Result: Sendable>(
        of job: Job, sessions: Int = 1, _ body: (Backfill) async throws -> Result
    ) async throws -> Result {
        try standBack(for: job)
        let engine = DuckDBSQLEngine(options: self.engine.options(sessions: sessions))
        let check = Task { try await TransformCheck.check(job, engine) }
        return try await withTaskCancellationHandler {
            do {
                let result = try await withLedger { ledger in
                    var backfill = try Backfill(job: job, ledger: ledger, engine: engine)
                    backfill.readiness = { try await check.value }
                    return try await body(backfill)
                }
                try await check.value
                return result
            } catch {
                check.cancel()
                _ = await check.result
                throw error
            }
        } onCancel: {
            check.cancel()
        }
    }

    private var ledgerOptions: LedgerOptions {
        let host = ProcessInfo.processInfo.hostName
        let process = ProcessInfo.processInfo.processIdentifier
        let random = UUID().uuidString.lowercased().prefix(8)
        var options = notices.options(schema: schema, worker: "\(host):\(process):\(random)")
        options.variables = serverVariables
        return options
    }
}

/// Asks the engine whether it can parse a job's SQL, before any partition is touched.
enum TransformCheck {
    /// Checks the transform and the queries of audits: a broken one of either would fail every partition.
    static func check(_ job: Job, _ engine: any Engine) async throws {
        var queries = job.auditQueries
        if case .sql(let query) = job.transform { queries.insert(query, at: 0) }
        try await check(queries, engine)
    }

    /// Checks queries.
    static func check(_ queries: [Query], _ engine: any Engine) async throws {
        guard !queries.isEmpty else { return }
        try await engine.withSession { session in
            for query in queries { try await session.check(query) }
        }
    }
}

extension Job {
    /// The queries of its audits.
    var auditQueries: [Query] {
        audits.compactMap { audit in
            if case .noRows(let query) = audit.rule { return query }
            return nil
        }
    }
}

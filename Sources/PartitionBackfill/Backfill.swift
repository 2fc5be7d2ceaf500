public import Lakehouse
public import ProgressStore
public import Transforms

/// The controller of one job: plans a range, runs it, and shares it with any number of other processes.
public struct Backfill: Sendable {
    /// The job.
    public let job: Job
    /// The ledger.
    public let ledger: Ledger
    /// The engine.
    public let engine: any Engine
    /// The table that the job writes; nil for a job without a target.
    public let table: (any Table)?

    /// Creates a controller.
    public init(job: Job, ledger: Ledger, engine: any Engine) throws {
        self.job = job
        self.ledger = ledger
        self.engine = engine
        self.table = nil
    }

    /// Decides for each partition whether it would run, and why. Changes nothing.
    public func plan(_ request: BackfillRequest) async throws -> BackfillPlan {
        throw CancellationError()
    }

    /// Runs a plan to its end: claims until nothing of it is left.
    ///
    /// - Parameters:
    ///   - plan: The plan, made from the same request.
    ///   - request: The request.
    ///   - stop: How the run is stopped before its end.
    ///   - onEvent: Called for each event, from any thread, never two at a time.
    public func run(
        _ plan: BackfillPlan, _ request: BackfillRequest, stop: StopSignal,
        onEvent: @escaping @Sendable (BackfillEvent) -> Void
    ) async throws -> BackfillReport {
        throw CancellationError()
    }
}

internal import Foundation
public import Partitions

extension Ledger {
    /// Asks something of runs of a job while they run, from any machine.
    ///
    /// Who asked, when and why is kept. Each process of a run learns of it within seconds.
    ///
    /// - Returns: The runs that nobody has closed, by number, and whether they obey; also those whose process is gone, of
    ///   which nothing is asked.
    /// - Throws: `LedgerError`.
    public func steer(_ request: SteerRequest) async throws -> [SteeredRun] {
        let statement = Steer(request: request, requestID: UUID())
        return try await work.with { line in try await line.run(statement) }
    }

    /// What is asked of a run now, and the time; nil where the ledger has no such run.
    public func steering(run: Int64) async throws -> RunSteering? {
        try await work.with { line in try await line.run(SteeringOfRun(run: run)) }.first
    }

    /// The runs of a job that are at work, by number.
    public func liveRuns(job: String) async throws -> [LiveRun] {
        try await work.with { line in try await line.run(LiveRuns(job: job)) }
    }

    /// Everything that was asked of a run while it ran, in order.
    public func controlEvents(run: Int64) async throws -> [ControlEvent] {
        try await work.with { line in try await line.run(ControlEvents(run: run)) }
    }

    /// Pauses a run, and those that do the same work beside it: same job, same version of the transform, days in common.
    ///
    /// A cancelled task does not stop it.
    ///
    /// - Returns: How many runs were paused by it.
    @discardableResult
    public func tripBreaker(run: Int64, reason: String) async throws -> Int {
        let statement = TripBreaker(run: run, reason: reason, requestID: UUID())
        let counts = try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(statement) }
        }
        return Int(counts.first ?? 0)
    }

    /// Makes CANCELLED what nobody has begun of a run that was cancelled and holds no claim any more.
    ///
    /// What another live run has in its range stays PENDING. A cancelled task does not stop it.
    ///
    /// - Returns: The partitions that are CANCELLED by it.
    public func cancelRest(
        job: String, run: Int64, planned: PartitionSet, reason: String
    ) async throws -> [PartitionKey] {
        guard !planned.isEmpty else { return [] }
        let statement = CancelRest(job: job, run: run, planned: planned, reason: reason)
        return try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(statement) }
        }
    }

    /// Claims partitions as `claim` does, within limits that all processes share.
    ///
    /// Whoever claims so waits for the others who do, for the time of one statement.
    public func claim(_ request: ClaimRequest, within limits: ClaimLimits) async throws -> LimitedClaims {
        guard !limits.isNone else {
            return LimitedClaims(claims: try await claim(request), admitted: request.limit)
        }
        guard !request.candidates.isEmpty, request.limit > 0 else { return LimitedClaims(claims: [], admitted: 0) }
        let batch = UUID()
        let worker = worker
        let rows = try await work.with(from: .last) { line in
            try await line.run { session, mayHaveHappened throws(SessionFailure) in
                if mayHaveHappened {
                    let granted = try await session.run(
                        ClaimedBatch(job: request.job, candidates: request.candidates, batch: batch))
                    if !granted.isEmpty {
                        return granted.map(ClaimWithin.Row.claim) + [.admitted(granted.count, nextIn: nil)]
                    }
                }
                let claim = ClaimStatement(request: request, batch: batch, worker: worker)
                return try await session.run(ClaimWithin(claim: claim, limits: limits))
            }
        }
        return LimitedClaims(rows, candidates: request.candidates)
    }
}

extension LimitedClaims {
    fileprivate init(_ rows: [ClaimWithin.Row], candidates: [PartitionKey]) {
        let places = Dictionary(
            candidates.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        self.init(claims: [], admitted: 0)
        for row in rows {
            switch row {
            case .claim(let claim): claims.append(claim)
            case .admitted(let count, let seconds):
                admitted = count
                nextIn = seconds.map { .seconds($0) }
            }
        }
        claims.sort { places[$0.key, default: .max] < places[$1.key, default: .max] }
    }
}

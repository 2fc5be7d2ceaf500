package import Lakehouse
internal import Partitions
public import ProgressStore
public import Transforms

/// Compares what the ledger calls COMPLETE with what the table holds.
public struct Verification: Sendable {
    /// Partitions that are looked at together: their footers are read in one statement.
    private static let groupSize = (shallow: 64, deep: 4)

    private let job: Job
    private let table: any Table
    private let ledger: Ledger
    private let engine: any Engine

    /// Creates a verification.
    ///
    /// - Throws: `TableError` where the job has no table, or one that cannot be.
    public init(job: Job, ledger: Ledger, engine: any Engine) throws {
        guard let table = try job.openTable() else { throw TableError.noTable(of: job, to: "verify") }
        self.init(job: job, table: table, ledger: ledger, engine: engine)
    }

    /// Creates a verification of a job whose table is open already.
    package init(job: Job, table: any Table, ledger: Ledger, engine: any Engine) {
        self.job = job
        self.ledger = ledger
        self.engine = engine
        self.table = table
    }

    /// The number of partitions that there are to look at.
    public func count(_ request: VerificationRequest) async throws -> Int {
        guard let partitions = request.partitions else {
            return try await ledger.summary(job: job.name, in: nil).counts[.complete] ?? 0
        }
        var count = 0
        for range in partitions.ranges {
            count += try await ledger.summary(job: job.name, in: range).counts[.complete] ?? 0
        }
        return count
    }

    /// Looks at every COMPLETE partition of a request.
    ///
    /// Runs keep going beside it: a difference counts only where the ledger's row is still the same after the table was
    /// looked at. A cancelled task ends it with `CancellationError`.
    ///
    /// - Parameters:
    ///   - request: What is to be verified.
    ///   - onFinding: Called for each partition, by time, never two at a time.
    /// - Returns: The findings, counted.
    /// - Throws: `TableError`, `TransformError` or `LedgerError` where no more can be found out.
    public func run(
        _ request: VerificationRequest, onFinding: (VerificationFinding) throws -> Void
    ) async throws -> VerificationReport {
        var report = VerificationReport()
        try await findings(request) { findings in
            for finding in findings {
                report.add(finding)
                try onFinding(finding)
            }
        }
        return report
    }

    /// Hands groups of rows to workers, a few more than there are workers, and takes what they found in the order of the
    /// groups: memory does not grow with the number of partitions.
    private func findings(
        _ request: VerificationRequest, _ take: ([VerificationFinding]) throws -> Void
    ) async throws {
        let size = request.isDeep ? Verification.groupSize.deep : Verification.groupSize.shallow
        var rows = CompleteRowPages(job: job, ledger: ledger, partitions: request.partitions, groupSize: size)
        try await withThrowingTaskGroup(of: (Int, VerificationWorker, [VerificationFinding]).self) { group in
            var idle: [VerificationWorker] = []
            var workerCount = 0
            var order = InOrder<[VerificationFinding]>()
            var running = 0
            func takeOne() async throws {
                guard let (place, worker, findings) = try await group.next() else { return }
                running -= 1
                idle.append(worker)
                for ready in order.add(findings, at: place) { try take(ready) }
            }
            while let next = try await rows.nextGroup() {
                while (idle.isEmpty && workerCount == request.workers) || order.heldCount >= 4 * request.workers {
                    try await takeOne()
                }
                let worker: VerificationWorker
                if let waiting = idle.popLast() {
                    worker = waiting
                } else {
                    worker = try await self.worker(request)
                    workerCount += 1
                }
                let place = order.nextPlace()
                running += 1
                group.addTask { (place, worker, try await worker.look(at: next)) }
            }
            while running > 0 { try await takeOne() }
            for worker in idle { await worker.session.close() }
        }
    }

    private func worker(_ request: VerificationRequest) async throws -> VerificationWorker {
        VerificationWorker(
            job: job, table: table, ledger: ledger, session: try await engine.openSession(), request: request)
    }
}

/// Puts results that come in any order back into the order of their places.
struct InOrder<Value> {
    private var held: [Int: Value] = [:]
    private var next = 0
    private var last = 0

    /// Results that wait for one before them.
    var heldCount: Int { held.count }

    /// A place after all others.
    mutating func nextPlace() -> Int {
        defer { last += 1 }
        return last
    }

    /// Takes a result and returns those that are ready now.
    mutating func add(_ value: Value, at place: Int) -> [Value] {
        held[place] = value
        var ready: [Value] = []
        while let value = held.removeValue(forKey: next) {
            ready.append(value)
            next += 1
        }
        return ready
    }
}

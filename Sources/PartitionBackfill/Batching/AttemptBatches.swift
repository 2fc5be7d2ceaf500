internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import ProgressStore
internal import Synchronization
internal import Transforms

/// The batches of one attempt: their files are kept by the table, and the ledger says which of them count.
///
/// The ledger takes a batch from the owner of the claim alone, after its files are on the disk. So when an attempt is
/// granted, what the ledger knows of its predecessors is all there will ever be, and each file of it is whole.
final class AttemptBatches: BatchJournal {
    private struct State {
        var staging: Staging?
        var identity: String?
        /// All batches that count, with those who made them.
        var kept: [KeptBatch] = []
        var rows: Int64 = 0
        /// Those of this attempt.
        var own = 0
        var isUsed = false
    }

    private let job: Job
    private let table: (any Table)?
    private let ledger: Ledger
    private let claim: Claim
    private let thread: BlockingThread
    private let limit: Int?
    private let tell: @Sendable (BackfillEvent) -> Void
    private let state = Mutex(State())

    init(
        job: Job, table: (any Table)?, ledger: Ledger, claim: Claim, thread: BlockingThread, limit: Int?,
        tell: @escaping @Sendable (BackfillEvent) -> Void
    ) {
        self.job = job
        self.table = table
        self.ledger = ledger
        self.claim = claim
        self.thread = thread
        self.limit = limit
        self.tell = tell
    }

    /// Whether there may be batches of the partition to be removed when it is done.
    var isUsed: Bool { state.withLock { $0.isUsed } || job.isBatched }

    /// The attempt has begun, which keeps every predecessor from publishing.
    func use(_ staging: Staging) { state.withLock { $0.staging = staging } }

    func begin(_ batching: Batching, identity: String?) async throws -> [FinishedBatch] {
        state.withLock {
            $0.isUsed = true
            $0.identity = identity
        }
        let recorded = try await ledger.batches(job: job.name, key: claim.key)
        guard !recorded.isEmpty else { return [] }
        let inheritance = BatchInheritance(
            batching: batching, transformVersion: job.version, sourceIdentity: identity)
        guard let finished = inheritance.finished(recorded), try await areThere(recorded) else {
            try await forget()
            tell(.batchesForgotten(claim.key, batches: recorded.count))
            return []
        }
        state.withLock {
            $0.kept = recorded.map { KeptBatch($0) }
            $0.rows = finished.reduce(0) { $0 + $1.rows }
        }
        tell(
            .batchesTakenUp(
                claim.key, batches: finished.count, rows: finished.reduce(0) { $0 + $1.rows }))
        return finished
    }

    /// Whether all files are as they were recorded.
    private func areThere(_ recorded: [RecordedBatch]) async throws -> Bool {
        guard let table else { return false }
        return try await thread.run { [key = claim.key] in
            try recorded.allSatisfy { try table.bytes(of: KeptBatch($0), key) == $0.checkpoint.bytes }
        }
    }

    func keep(_ batch: FinishedBatch, files: [String]) async throws {
        let (table, staging) = try place()
        let names = try await thread.run { try table.keepBatch(files, number: batch.number, of: staging) }
        let checkpoint = BatchCheckpoint(
            number: batch.number, files: names, rows: batch.rows, bytes: batch.bytes,
            firstKey: try batch.range.from?.json, nextKey: try batch.range.to?.json, batchSize: batch.size,
            fields: try JSONText.encode(batch.fields), sourceIdentity: state.withLock { $0.identity },
            transformVersion: job.version)
        guard try await ledger.recordBatch(job: job.name, claim.token, checkpoint) else { throw lost() }
        try FaultInjector.fromEnvironment.reached(.batchRecorded)
        let (own, count, rows) = state.withLock { state in
            state.kept.append(KeptBatch(writer: staging.writer, files: names))
            state.rows += batch.rows
            state.own += 1
            return (state.own, state.kept.count, state.rows)
        }
        tell(.batchFinished(claim.key, batches: count, rows: rows, size: batch.size))
        if let limit, own >= limit, !batch.range.isLast { throw BatchLimitReached(batches: count, rows: rows) }
    }

    func forget() async throws {
        guard try await ledger.forgetBatches(job: job.name, claim.token) else { throw lost() }
        state.withLock {
            $0.kept = []
            $0.rows = 0
        }
        // Only now: as long as the ledger knew them, a successor would have gone on with them.
        try await drop()
    }

    func collect() async throws {
        let (table, staging) = try place()
        let kept = state.withLock { $0.kept }
        try await thread.run { try table.stageBatches(kept, into: staging) }
        try FaultInjector.fromEnvironment.reached(.batchesTaken)
    }

    /// Removes the files of this attempt and of its predecessors, of which the ledger knows no more.
    func drop() async throws {
        guard let table else { return }
        try await thread.run { [claim] in try table.dropBatches(claim.key, through: claim.token.fence) }
    }

    private func place() throws -> (any Table, Staging) {
        guard let table, let staging = state.withLock({ $0.staging }) else {
            throw TransformError(.misuse, "The partition \(claim.key) of job '\(job.name)' has not been begun.")
        }
        return (table, staging)
    }

    /// The same as when the table is found to belong to a later attempt, which is where this leads.
    private func lost() -> TableError {
        TableError(
            .fenced,
            "Partition \(claim.key) of job '\(job.name)' belongs to another attempt. This one is outdated: claim it again."
        )
    }
}

extension KeptBatch {
    init(_ recorded: RecordedBatch) {
        self.init(
            writer: Writer(fence: recorded.fence, claimID: recorded.claimID), files: recorded.checkpoint.files)
    }
}

extension Job {
    /// Whether its statement is run batch by batch; of a closure nobody knows before.
    var isBatched: Bool {
        if case .sql(let query) = transform { query.batching != nil } else { false }
    }
}

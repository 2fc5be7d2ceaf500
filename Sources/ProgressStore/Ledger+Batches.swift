public import Partitions

extension Ledger {
    /// The finished batches of a partition's next generation, in their order.
    ///
    /// Ask after the claim: nobody but the claim's owner adds any from then on.
    public func batches(job: String, key: PartitionKey) async throws -> [RecordedBatch] {
        try await work.with { line in try await line.run(Batches(job: job, key: key)) }
    }

    /// Records a finished batch, whose files are on the disk.
    ///
    /// A cancelled task does not stop it.
    ///
    /// - Returns: False where the partition is not the attempt's any more; nothing was changed then.
    public func recordBatch(job: String, _ token: ClaimToken, _ checkpoint: BatchCheckpoint) async throws -> Bool {
        try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, _ throws(SessionFailure) in
                    let statement = RecordBatch(job: job, token: token, checkpoint: checkpoint)
                    if try await !session.run(statement).isEmpty { return true }
                    // An earlier try may have been recorded, and its answer lost.
                    return try await session.run(Batches(job: job, key: token.key)).contains {
                        $0.fence == token.fence && $0.claimID == token.claimID
                            && $0.checkpoint.number == checkpoint.number
                            && $0.checkpoint.files == checkpoint.files
                    }
                }
            }
        }
    }

    /// Forgets the finished batches of a partition, so that it begins anew.
    ///
    /// - Returns: False where the partition is not the attempt's any more; nothing was changed then.
    public func forgetBatches(job: String, _ token: ClaimToken) async throws -> Bool {
        try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(ForgetBatches(job: job, token: token)) }
        }.isEmpty == false
    }

    /// Those of given attempts whose finished batches somebody will go on with.
    public func neededBatches(fences: Set<Int64>) async throws -> Set<BatchOwner> {
        guard !fences.isEmpty else { return [] }
        return Set(try await work.with { line in try await line.run(NeededBatches(fences: fences)) })
    }
}

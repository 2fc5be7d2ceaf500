internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// Reads what attempts brought, as it stands now.
///
/// An attempt that was held stays so in the history, whatever was decided afterwards: here it is dropped where nothing
/// waits any more.
struct JudgedReader: Sendable {
    let backfill: Backfill

    /// The latest attempt at each partition.
    func partitions(_ partitions: PartitionSet) async throws -> [Judged] {
        try await standing(try await backfill.judged(partitions))
    }

    /// What a run made of its partitions.
    func run(_ run: Int64) async throws -> [Judged] { try await standing(try await backfill.judged(run: run)) }

    /// What waits for a decision.
    func held() async throws -> [Judged] {
        let keys = try await backfill.held(nil).map(\.key)
        guard !keys.isEmpty else { return [] }
        let set = PartitionSet(granularity: backfill.job.partitioning.every, keys: keys)
        return try await partitions(set).filter { $0.state == .held }
    }

    private func standing(_ judged: [Judged]) async throws -> [Judged] {
        let keys = judged.filter { $0.state == .held }.map(\.key)
        guard !keys.isEmpty else { return judged }
        let set = PartitionSet(granularity: backfill.job.partitioning.every, keys: keys)
        let waiting = Set(try await backfill.held(set).map(\.token.fence))
        return judged.map { entry in
            guard entry.state == .held, !waiting.contains(entry.fence) else { return entry }
            var dropped = entry
            dropped.outcome = Judged.dropped
            return dropped
        }
    }
}

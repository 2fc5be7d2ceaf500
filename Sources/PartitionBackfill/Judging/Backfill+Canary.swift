internal import BlockingWork
public import Partitions
internal import Transforms

extension Backfill {
    /// The partitions of a plan that are worth looking at before the rest is run: first, last, heaviest, and one for each
    /// layout that the sources have.
    ///
    /// - Throws: `TransformError` or `TableError` where a source cannot be read.
    public func canary(_ plan: BackfillPlan) async throws -> PartitionSet {
        var planned = PartitionSet(granularity: plan.range.granularity, keys: EmptyCollection())
        for segment in plan.segments where segment.reason.isRun { planned.append(segment.range) }
        let choice = CanaryChoice(candidates: try await candidates(EvenSample.keys(of: planned.ranges)))
        return PartitionSet(granularity: plan.range.granularity, keys: choice.keys)
    }

    private func candidates(_ keys: [PartitionKey]) async throws -> [CanaryChoice.Candidate] {
        guard case .sql(let query) = job.transform, !query.sources.isEmpty else {
            return keys.map { CanaryChoice.Candidate(key: $0) }
        }
        let thread = BlockingThread(label: "reprocess.canary")
        return try await engine.withSession { session in
            var candidates: [CanaryChoice.Candidate] = []
            for key in keys {
                try Task.checkCancellation()
                candidates.append(try await candidate(key, query, session, thread))
            }
            return candidates
        }
    }

    private func candidate(
        _ key: PartitionKey, _ query: Query, _ session: any EngineSession, _ thread: BlockingThread
    ) async throws -> CanaryChoice.Candidate {
        let column = job.partitioning.column
        let (snapshots, identity) = try await thread.run { [sources] in
            try sources.examine(query, key: key, column: column)
        }
        var schemas: [String] = []
        for source in query.sources {
            let schema = try await session.schemaSignature(
                of: source, key: key, column: column, table: snapshots[source.name])
            schemas.append("\(source.name): \(schema ?? "no file")")
        }
        let sizes = identity?.files.compactMap(\.bytes) ?? []
        return CanaryChoice.Candidate(
            key: key, bytes: sizes.isEmpty ? nil : sizes.reduce(0, +), schema: schemas.joined(separator: "\n"))
    }
}

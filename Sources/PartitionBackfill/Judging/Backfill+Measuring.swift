internal import Lakehouse
public import Partitions
internal import Synchronization
internal import Transforms

/// What came of measuring something that was replaced before.
public enum ReplacedEvent: Sendable, Hashable {
    /// It was measured; `unrecorded` is why the ledger did not take the numbers, and nil where it did.
    case measured(PartitionKey, unrecorded: String?)
    /// The table does not keep it any more.
    case gone(PartitionKey)
    /// It is there and cannot be read; the reason is a sentence.
    case unreadable(PartitionKey, reason: String)
}

extension Judged {
    /// Whether the new side was measured and the old one was not.
    ///
    /// The run leaves that where another program wrote the old one: reading it decides nothing then.
    public var lacksOldMeasurement: Bool {
        guard ["COMPLETE", "ADOPTED"].contains(outcome), !wasUnchanged, replacedVersion != nil, let old else {
            return false
        }
        return new?.statistics != nil && old.digest == nil && old.statistics?.digest == nil
    }
}

extension Backfill {
    /// Whether what an attempt replaced can be measured now, as far as that is known without looking at the table.
    public func canMeasureReplaced(_ judged: Judged) -> Bool {
        job.measures && table != nil && judged.lacksOldMeasurement
    }

    /// Measures what attempts replaced, where nobody has done so and the table still keeps it, and records it.
    ///
    /// - Parameters:
    ///   - judged: What was found out about attempts; those that need nothing come back as they are.
    ///   - workers: How many partitions are measured at the same time.
    ///   - onEvent: Called for each partition that was looked at, from any thread, never two at a time.
    /// - Returns: The same attempts, with what is known now.
    /// - Throws: `CancellationError`, or `LedgerError` where the ledger is gone. What was measured before is recorded.
    public func measureReplaced(
        _ judged: [Judged], workers: Int, onEvent: @escaping @Sendable (ReplacedEvent) throws -> Void
    ) async throws -> [Judged] {
        guard let table else { return judged }
        let measuring = ReplacedMeasuring(job: job, table: table, ledger: ledger, engine: engine)
        let places = judged.indices.filter { canMeasureReplaced(judged[$0]) }
        let events = Mutex(onEvent)
        let measured = try await inParallel(places, workers: max(1, workers)) { place in
            let entry = judged[place]
            let (result, event) = try await measuring.measure(entry, in: table)
            try events.withLock { try $0(event) }
            return result
        }
        var result = judged
        for (place, entry) in zip(places, measured) { result[place] = entry }
        return result
    }
}

extension ReplacedMeasuring {
    /// An attempt with what is known now of what it replaced.
    fileprivate func measure(_ judged: Judged, in table: any Table) async throws -> (Judged, ReplacedEvent) {
        guard let version = judged.replacedVersion,
            let writer = judged.tableVersion.flatMap({ table.writer(ofVersion: $0) }), writer.fence == judged.fence
        else { return (judged, .gone(judged.key)) }
        switch try await measure(judged.key, replacedBy: writer, version: version) {
        case .gone: return (judged, .gone(judged.key))
        case .unreadable(let reason): return (judged, .unreadable(judged.key, reason: reason))
        case .measured(let statistics, let unrecorded):
            var known = judged
            known.old?.rows = statistics.rows
            known.old?.digest = statistics.digest
            known.old?.statistics = statistics
            return (known, .measured(judged.key, unrecorded: unrecorded))
        }
    }
}

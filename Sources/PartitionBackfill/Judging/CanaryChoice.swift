internal import Partitions

/// Chooses the partitions that are worth looking at before the rest is run: a pure function of what is known of them.
struct CanaryChoice: Sendable {
    /// What is known of a partition without running it.
    struct Candidate: Sendable, Hashable {
        let key: PartitionKey
        /// The size of its source files; nil where nobody knows.
        var bytes: Int64?
        /// The columns of its sources; nil where nobody knows.
        var schema: String?
    }

    /// The candidates, by time.
    let candidates: [Candidate]

    /// First, last, heaviest, and the first one of each schema.
    var keys: Set<PartitionKey> {
        var keys: Set<PartitionKey> = []
        if let first = candidates.first { keys.insert(first.key) }
        if let last = candidates.last { keys.insert(last.key) }
        let sized = candidates.filter { $0.bytes != nil }
        if let heaviest = sized.max(by: { ($0.bytes ?? 0, $1.key) < ($1.bytes ?? 0, $0.key) }) {
            keys.insert(heaviest.key)
        }
        var seen: Set<String> = Set(candidates.filter { keys.contains($0.key) }.compactMap(\.schema))
        for candidate in candidates {
            guard let schema = candidate.schema, seen.insert(schema).inserted else { continue }
            keys.insert(candidate.key)
        }
        return keys
    }
}

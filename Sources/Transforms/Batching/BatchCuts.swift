internal import Partitions

/// Where a source is to be cut into batches.
public struct BatchCutRequest: Sendable {
    /// The source.
    var source: Source
    /// How it is cut.
    var batching: Batching
    /// How many rows a batch reads.
    var rows: Int64
    /// The key from which on it is cut; nil for all of it.
    var from: BatchKey?
    /// The partition.
    var key: PartitionKey
    /// The partition column.
    var column: String
    /// What the source holds, where it is a table.
    var tables: [String: TableSnapshot]
}

/// Where a source was cut into batches.
public struct BatchCuts: Sendable, Hashable {
    /// The batches, in their order: at least one, which reads nothing where the source has no rows.
    let ranges: [BatchRange]

    /// Puts ranges together from the keys at which batches begin, and the greatest one.
    ///
    /// A key that comes again does not begin another batch: rows with the same key stay together.
    init(starts: [BatchKey], greatest: BatchKey?) {
        var keys: [BatchKey] = []
        for key in starts where key != keys.last { keys.append(key) }
        guard let last = keys.last else {
            ranges = [BatchRange(from: nil, to: nil)]
            return
        }
        ranges =
            zip(keys, keys.dropFirst()).map { BatchRange(from: $0, to: $1) }
            + [BatchRange(from: last, to: nil, greatest: greatest)]
    }
}

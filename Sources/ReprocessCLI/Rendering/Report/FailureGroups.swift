internal import PartitionBackfill
internal import Partitions

/// Failed attempts by what their errors have in common.
struct FailureGroups: Sendable {
    /// Attempts whose errors are the same but for numbers, paths and quoted names.
    struct Group: Sendable {
        let signature: ErrorSignature
        /// The first of the errors.
        let error: String
        var attempts = 0
        /// The partitions that failed so, by key.
        var keys: [PartitionKey] = []
        /// Those of them that the run left FAILED.
        var failed: [PartitionKey] = []
    }

    /// More different errors than these are counted only: they would fill the memory of whoever reads them.
    private static let greatestCount = 1_000

    private var groups: [ErrorSignature: Group] = [:]
    /// Failed attempts that are in no group.
    private(set) var others = 0

    /// Takes a failed attempt; attempts come by partition.
    mutating func add(_ error: String, on key: PartitionKey, isFinal: Bool) {
        let signature = ErrorSignature(of: error)
        guard groups[signature] != nil || groups.count < Self.greatestCount else {
            others += 1
            return
        }
        groups[signature, default: Group(signature: signature, error: error)].note(key, isFinal)
    }

    /// The groups, that of the most partitions first.
    var all: [Group] {
        groups.values.sorted {
            ($0.failed.count, $0.keys.count, $1.signature.description)
                > ($1.failed.count, $1.keys.count, $0.signature.description)
        }
    }
}

extension FailureGroups.Group {
    fileprivate mutating func note(_ key: PartitionKey, _ isFinal: Bool) {
        attempts += 1
        if keys.last != key { keys.append(key) }
        if isFinal, failed.last != key { failed.append(key) }
    }
}

internal import Foundation
internal import Partitions

/// Where a Delta table's files are, and where everything is that its readers must not see.
struct DeltaLayout: Hashable {
    /// The table's folder.
    let root: String
    /// The partition column.
    let column: String

    /// The folder of the log.
    var log: String { root + "/_delta_log" }

    /// The folder beside the table, on the same file system.
    var sibling: String { root + ".reprocess" }

    /// The folder in which a checkpoint is written before it becomes part of the log.
    var checkpoints: String { sibling + "/checkpoint" }

    /// The folder of a partition's attempts: see `DeltaAttemptEntry`.
    func attempts(_ key: PartitionKey) -> String { "\(sibling)/staging/\(key)" }

    /// What an attempt has there.
    func entry(_ key: PartitionKey, _ entry: DeltaAttemptEntry) -> String { "\(attempts(key))/\(entry)" }

    /// The folder of the files by which several attempts are committed at once.
    var groups: String { sibling + "/groups" }

    /// The file that becomes the log entry of a group.
    func group(_ id: UUID) -> String { "\(groups)/\(id.uuidString.lowercased()).commit" }

    /// The folder into which the new files of a partition go, below the table's folder.
    ///
    /// Always that of the key's text, whatever the column's type: what the log says counts, the folder is a convention.
    func dataFolder(_ key: PartitionKey) -> String { DeltaPath.folder(column: column, value: key.description) }
}

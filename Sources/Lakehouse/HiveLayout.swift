internal import Partitions

/// Where a table's files are, and where everything is that readers must not see.
struct HiveLayout: Hashable {
    /// The table's folder, under which only finished partitions are ever put.
    let root: String
    /// The partition column.
    let column: String

    /// The folder beside the table, on the same file system.
    var sibling: String { root + ".reprocess" }

    /// The folder that readers see.
    func partition(_ key: PartitionKey) -> String { "\(root)/\(column)=\(key)" }

    /// The folder of a partition's stagings and records: see `StagingEntry`.
    func stagings(_ key: PartitionKey) -> String { "\(sibling)/staging/\(key)" }

    /// A staging or a record.
    func entry(_ key: PartitionKey, _ entry: StagingEntry) -> String { "\(stagings(key))/\(entry)" }

    /// Where the replaced generations of a partition are kept.
    func replaced(_ key: PartitionKey) -> String { "\(sibling)/previous/\(key)" }

    /// The generation that an attempt replaced.
    func replaced(_ key: PartitionKey, by writer: Writer) -> String { "\(replaced(key))/\(writer.name)" }
}

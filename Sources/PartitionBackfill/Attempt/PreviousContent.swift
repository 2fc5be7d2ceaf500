internal import Lakehouse
internal import Transforms

/// What the table holds in a partition, as far as it is known.
struct PreviousContent: Sendable {
    /// The table's own word.
    let generation: Generation
    /// The version that COMPLETE can stand for; nil where the files are not ours.
    ///
    /// It is another than the generation's where another program has put our rows into other files.
    let ownVersion: String?
    /// Nil where nobody counted them.
    var rows: Int64?
    /// Nil where the rows were not measured.
    var digest: String?
    /// The columns in numbers, where they were measured just now.
    var statistics: PartitionStatistics?
}

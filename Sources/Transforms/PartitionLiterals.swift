internal import Partitions

/// A partition's values as typed SQL literals.
///
/// They are made from calendar numbers, never from text that somebody typed, and take the place of whole `$` tokens.
/// Binding them would make DuckDB read every source's header twice: once to prepare the statement without knowing the
/// values, and once more with them. In parentheses they may be followed by whatever may follow a parameter.
struct PartitionLiterals {
    /// The key as text.
    let key: String
    /// The first moment of the partition.
    let start: String
    /// The first moment after it.
    let end: String

    init(_ partition: PartitionKey) {
        key = SQLLiteral.text(partition.description)
        switch partition.granularity {
        case .hour:
            start = "(TIMESTAMP '\(partition.start)')"
            end = "(TIMESTAMP '\(partition.end)')"
        case .day, .month:
            start = "(DATE '\(partition.start.date)')"
            end = "(DATE '\(partition.end.date)')"
        }
    }

    /// The literals by the names of the parameters.
    var byName: [String: String] { ["partition": key, "partition_start": start, "partition_end": end] }

    /// The parameters that a statement may have.
    static let names = ["partition", "partition_start", "partition_end"]
}

/// What a Delta table's log says, in numbers.
package struct DeltaLogSummary: Sendable, Hashable {
    /// The newest version; -1 where there is no table.
    package let version: Int64
    /// The data files that are part of the table.
    package let files: Int
    /// The different values of the partition column.
    package let partitions: Int

    /// Reads a table's log.
    package init(root: String, column: String) throws {
        (version, files, partitions) = try DeltaLog(root: root, column: column).withLatest { replay in
            guard let replay else { return (-1, 0, 0) }
            return (replay.version, replay.files.count, replay.files.values.count)
        }
    }
}

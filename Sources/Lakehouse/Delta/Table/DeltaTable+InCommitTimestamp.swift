extension DeltaTable {
    /// The time for the entry that follows a version; nil where the table keeps no such times.
    func inCommitTimestamp(after look: Look, now: Int64) throws -> InCommitTimestamp? {
        guard let table = look.table, table.metadata.property("delta.enableInCommitTimestamps")?.lowercased() == "true"
        else { return nil }
        // After a checkpoint the entry of its version has not been read.
        guard let previous = try table.inCommitTimestamp ?? log.inCommitTimestamp(of: look.version) else {
            throw TableError(
                .refused,
                """
                Version \(look.version) of \(layout.root) has no inCommitTimestamp, although the table keeps such times, \
                so the time of the next one cannot be told. Nothing was published. Restore the entry \
                \(log.path(of: look.version)), or make a version with the program that turned them on.
                """)
        }
        return InCommitTimestamp(now: now, previous: previous)
    }
}

extension DeltaLog {
    /// The time that the entry of a version says; nil where it says none, or has gone.
    func inCommitTimestamp(of version: Int64) throws -> Int64? {
        for action in try actions(after: version - 1, through: version) ?? [] {
            if case .commitInfo(let info) = action { return info.inCommitTimestamp }
        }
        return nil
    }
}

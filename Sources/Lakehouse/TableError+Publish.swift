extension HiveTable {
    /// What an attempt that met another program has done.
    enum Effect { case nothingReplaced, replaced }

    func changedByOthers(_ staging: Staging, _ effect: Effect) -> TableError {
        let partition = layout.partition(staging.key)
        let consequence =
            switch effect {
            case .nothingReplaced: "Nothing was replaced."
            case .replaced: "What it wrote is kept in \(layout.replaced(staging.key, by: staging.writer))."
            }
        return TableError(
            .damaged,
            """
            Another program changed \(partition) at the moment in which it was published. \(consequence) Find out who \
            writes there without this ledger and stop it, then run the partition again.
            """)
    }

    func replacedByOthers(_ staging: Staging) -> TableError {
        TableError(
            .damaged,
            """
            Attempt \(staging.writer.name) has no staging any more, and \(layout.partition(staging.key)) does not hold \
            its files: another program replaced or removed them. Run the partition again.
            """)
    }

    func busy(_ staging: Staging) -> TableError {
        TableError(
            .busy,
            """
            The staging \(staging.directory) is being published already, by this attempt. Wait for that call to end, \
            then try again: it tells what became of it.
            """)
    }

    func strange(_ staging: Staging) -> TableError {
        TableError(
            .refused, "The staging \(staging.directory) does not belong to the table \(layout.root).")
    }
}

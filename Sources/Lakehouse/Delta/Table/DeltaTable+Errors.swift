internal import Partitions

extension DeltaTable {
    func refusal(_ objections: [DeltaGate.Objection]) -> TableError {
        TableError(
            .refused,
            """
            The Delta table \(layout.root) cannot be written, because of \
            \(objections.map(\.description).joined(separator: "; ")). Nothing was changed. Use a program that supports \
            it, or a table without it.
            """)
    }

    func notPartitioned(_ columns: [String]) -> TableError {
        let by = columns.isEmpty ? "not partitioned" : "partitioned by \(columns.joined(separator: ", "))"
        return TableError(
            .refused,
            """
            The Delta table \(layout.root) is \(by), so the partition of "\(layout.column)" cannot be replaced. Nothing \
            was changed. Name a column by which it is partitioned.
            """)
    }

    func wrongColumnType(_ field: DeltaField) -> TableError {
        TableError(
            .refused,
            """
            The partition column \(field.name) of \(layout.root) is of type \(field.type.name), which cannot hold a key \
            for every \(granularity.rawValue). Use a column of type date (for days, and months by their first day), \
            timestamp_ntz (for hours and days) or string.
            """)
    }

    func finerPartitions(_ field: DeltaField, _ key: PartitionKey) -> TableError {
        TableError(
            .refused,
            """
            The table \(layout.root) has partitions of \(field.name) that lie within \(key): it is partitioned more \
            finely than every \(granularity.rawValue). Nothing was changed. Give the job the size of the table's \
            partitions.
            """)
    }

    func unusableValues(_ field: DeltaField) -> TableError {
        TableError(
            .refused,
            """
            The log of \(layout.root) has files whose value of \(field.name) is missing, or is no \(field.type.name), so \
            it cannot be told which partition they belong to. Nothing was changed. Rewrite those files with the program \
            that made them.
            """)
    }

    func cannotSplit(_ column: String, _ type: String) -> TableError {
        TableError(
            .refused,
            """
            The Delta table \(layout.root) is partitioned by \(column) of type \(type), whose values cannot be written \
            here. Nothing was changed. Partition it by text, numbers, dates, booleans or timestamps without time zone.
            """)
    }

    func changedByOthers(_ key: PartitionKey) -> TableError {
        TableError(
            .damaged,
            """
            Another program wrote to partition \(key) of \(layout.root) while this attempt was at work. Nothing was \
            replaced. Find out who writes there without this ledger, then run the partition again: it will replace \
            what that program wrote.\(options.supersedes ? "" : " \(DeltaTable.howToSupersede)")
            """)
    }

    func replacedByOthers(_ staging: Staging) -> TableError {
        TableError(
            .damaged,
            """
            Attempt \(staging.writer.name) has committed, and partition \(staging.key) of \(layout.root) does not hold \
            its files: another program replaced or removed them since. Run the partition again.
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
        TableError(.refused, "The staging \(staging.directory) does not belong to the table \(layout.root).")
    }

    func differentSchema(_ sentences: [String]) -> TableError {
        TableError(
            .refused,
            """
            The staged columns are not those of the Delta table \(layout.root): \
            \(sentences.joined(separator: "; ")). Nothing was published. Change the transform, or the \
            table.\(lacksOnlyColumns(sentences) ? " \(DeltaTable.howToAddColumns)" : "")
            """)
    }

    /// Whether new columns are all that keeps a result out, and the job has not allowed them.
    private func lacksOnlyColumns(_ sentences: [String]) -> Bool {
        !options.addsColumns && sentences.allSatisfy { $0.hasSuffix("is not in the table") }
    }

    private static let howToAddColumns = "With 'schema: evolve' at the job's target new columns are added to the table."
    private static let howToSupersede =
        "With 'concurrent_writes: supersede' at the job's target it is replaced at once."
}

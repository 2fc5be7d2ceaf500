internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `approve`: publishes what is held.
enum ApproveCommand {
    static let command = Command(
        name: "approve",
        summary: "Publish what is HELD, exactly as it was judged.",
        discussion: """
            What was staged and judged is published, and nothing is computed again. Where the table's partition was \
            changed since, what was held is worth nothing any more: it is dropped, and the partition is PENDING again \
            for the next 'run'.

            'diff --held' shows what is held beside what is there. Of a range, the partitions that are held are meant; \
            one that is named on its own must be. Who decided, and why, is recorded, and 'explain' tells it.
            """,
        positionals: PartitionWords.positionals,
        options: PartitionWords.options + [DecisionRunner.all, DecisionOptions.reason, DecisionOptions.by]
            + RunOptions.gentle,
        examples: [
            .init(
                purpose: "The fifth of March is right as it is",
                arguments: "approve 2024-03-05 --reason \"a public holiday\""),
            .init(
                purpose: "Everything of March that is held, of one of several jobs",
                arguments: "approve orders 2024-03-01..2024-03-31 --reason \"new shop system\""),
        ],
        exitCodes: [.complete, .incomplete, .refused, .usage, .interrupted],
        exitMeanings: [
            .complete: "All of it is published.",
            .incomplete: "Some of it could not be done as asked; the lines say why.",
        ],
        usualOptions: "--reason TEXT"
    ) { arguments, context in
        try await DecisionRunner(word: "approve", arguments: arguments, context: context).run {
            backfill, held, by, reason, onEvent in
            try await backfill.approve(held, by: by, reason: reason, onEvent: onEvent)
        }
    }
}

/// `reject`: drops what is held.
enum RejectCommand {
    static let command = Command(
        name: "reject",
        summary: "Drop what is HELD; the partitions are FAILED, and the table stays as it is.",
        discussion: """
            The partitions are FAILED with the reason, so that 'retry' and 'run' work on them again, by the transform as \
            it is then. Repair it first: the same transform over the same source is held again.

            Of a range, the partitions that are held are meant; one that is named on its own must be. Who decided, and \
            why, is recorded, and 'explain' tells it.
            """,
        positionals: PartitionWords.positionals,
        options: PartitionWords.options + [DecisionRunner.all, DecisionOptions.reason, DecisionOptions.by],
        examples: [
            .init(
                purpose: "The fifth of March is wrong",
                arguments: "reject 2024-03-05 --reason \"the file was cut off\""),
            .init(purpose: "All of it", arguments: "reject --all --reason \"refunds are missing\""),
        ],
        exitCodes: [.complete, .incomplete, .refused, .usage, .interrupted],
        exitMeanings: [
            .complete: "All of it is dropped.",
            .incomplete: "Some of it could not be done as asked; the lines say why.",
        ],
        usualOptions: "--reason TEXT"
    ) { arguments, context in
        try await DecisionRunner(word: "reject", arguments: arguments, context: context).run {
            backfill, held, by, reason, _ in
            try await backfill.reject(held, by: by, reason: reason)
        }
    }
}

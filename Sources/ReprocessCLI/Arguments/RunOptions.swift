internal import PartitionBackfill

/// The options that choose partitions and say how they are run, shared by several commands.
enum RunOptions {
    static let from = OptionSpec(
        name: "from", value: .text("KEY"),
        summary: "The first partition, inclusive: 2024-01-31, or 2024-01-31T05 for hours, or 2024-01 for months.")
    static let to = OptionSpec(name: "to", value: .text("KEY"), summary: "The last partition, inclusive.")
    static let dates = OptionSpec(
        name: "dates", value: .text("LIST"),
        summary: "Instead of --from and --to: partitions and ranges, as in 2024-01-05,2024-02-01..2024-02-29.",
        repeats: true)
    static let exclude = OptionSpec(
        name: "exclude", value: .text("LIST"), summary: "Partitions and ranges to leave out, written as for --dates.",
        repeats: true)
    static let settle = OptionSpec(
        name: "settle", value: .text("TIME"),
        summary:
            "Leave out partitions that ended less than this ago: a daily job may be at work on them. 0s leaves out "
            + "none.",
        defaultText: "'settle' of the job, else 2d, for --from and --to; none for --dates",
        environment: "REPROCESS_SETTLE")
    static let range = [from, to, dates, exclude, settle]

    static let only = OptionSpec(
        name: "only", value: .choice(["missing", "failed", "stale", "all"]),
        summary:
            "Only partitions never done, or FAILED, or stale (done by another version of the transform, from source "
            + "files that have changed since, or in another table); or all of them, also what is COMPLETE.",
        defaultText: "everything that is not COMPLETE for this transform and these sources")

    static let ignore = OptionSpec(
        name: "ignore", value: .choice(["source"]),
        summary: "Take what is COMPLETE for complete although its source files have changed since.")

    static let canary = [
        OptionSpec(
            name: "canary", value: .flag,
            summary:
                "Do a few partitions first (the first, the last, the heaviest, one for each layout of the sources), "
                + "publish nothing of them, show what they would change, and go on when they are approved."),
        OptionSpec(
            name: "yes", value: .flag,
            summary: "For --canary: approve without asking, unless an audit or an emptied partition objects."),
    ]

    static let nice = OptionSpec(
        name: "nice", value: .text("N"),
        summary:
            "Stand back behind the other programs of this machine, from 0 (not at all) to 19 (wherever another one "
            + "wants processor or disk).",
        defaultText: "'nice' of the job, else 0", environment: "REPROCESS_NICE")
    static let memory = OptionSpec(
        name: "memory", value: .text("SIZE"),
        summary:
            "What the engine of this process may hold in memory, as in 4GiB or 500MB; the rest spills to the disk.",
        defaultText: "'memory_limit' of the engine, else 80 % of the machine's", environment: "REPROCESS_MEMORY")
    /// What keeps a process from crowding out the others of its machine.
    static let gentle = [nice, memory]

    static let execution = [
        OptionSpec(
            name: "workers", value: .text("N"), summary: "Partitions worked on at the same time in this process.",
            defaultText: "'workers' of the job, else two for each core", environment: "REPROCESS_WORKERS"),
        OptionSpec(
            name: "order", value: .choice(BackfillRequest.Order.allCases.map(\.rawValue)),
            summary: "Which partitions come first; near the end those that take longest do, so that all workers finish "
                + "together.", defaultText: "oldest"),
        OptionSpec(
            name: "max-partitions", value: .text("N"), summary: "Stop after this process has worked on N partitions.",
            defaultText: "no limit"),
        OptionSpec(
            name: "max-bytes", value: .text("SIZE"),
            summary: "Start no further partition when the source files of those started would have more than this "
                + "together: 200GB.",
            defaultText: "'max_bytes' of the job, else no limit", environment: "REPROCESS_MAX_BYTES"),
        OptionSpec(
            name: "max-batches", value: .text("N"),
            summary:
                "Give each partition back after N batches of it, to go on with later: a trial of a job with 'batch'.",
            defaultText: "no limit"),
        OptionSpec(
            name: "retries", value: .text("N"),
            summary: "How often a partition is tried again after it failed, unless it would fail in the same way "
                + "again.",
            defaultText: "'retries' of the job, else 3 for failures that pass by themselves and 0 for others",
            environment: "REPROCESS_RETRIES"),
        OptionSpec(
            name: "on-failure", value: .choice(BackfillRequest.FailurePolicy.allCases.map(\.rawValue)),
            summary: "Whether the other partitions go on when one has FAILED.", defaultText: "continue"),
        OptionSpec(
            name: "breaker", value: .text("N"),
            summary: "Pause the run when N partitions in a row failed with the same error; 0 never does.",
            defaultText: "'breaker' of the job, else 5", environment: "REPROCESS_BREAKER"),
        OptionSpec(
            name: "on-breaker", value: .choice(BackfillRequest.BreakerReaction.allCases.map(\.rawValue)),
            summary: "Whether this process then ends, or waits for 'resume'.", defaultText: "exit",
            environment: "REPROCESS_ON_BREAKER"),
        OptionSpec(
            name: "rate", value: .text("N/TIME"),
            summary: "Start so many partitions in a second, minute, hour or day, all processes together: 30/min.",
            defaultText: "'rate' of the job, else no limit", environment: "REPROCESS_RATE"),
        OptionSpec(
            name: "max-running", value: .text("N"),
            summary: "Claim nothing while N partitions of the job run, in whatever process.",
            defaultText: "'max_running' of the job, else no limit", environment: "REPROCESS_MAX_RUNNING"),
        OptionSpec(
            name: "window", value: .text("HOURS"),
            summary: "Start partitions within these hours only, if they will be done in time: "
                + "'22:00-06:00 Europe/Berlin'.",
            defaultText: "'window' of the job, else always", environment: "REPROCESS_WINDOW"),
        OptionSpec(
            name: "lease", value: .text("TIME"),
            summary: "How long this process may be silent before others take over what it was working on.",
            defaultText: "'lease' of the job, else 90s", environment: "REPROCESS_LEASE"),
        OptionSpec(
            name: "deadline", value: .text("TIME"),
            summary: "How long an attempt may take before it is interrupted and counts as failed.",
            defaultText: "'deadline' of the job, else 1d", environment: "REPROCESS_DEADLINE"),
        nice, memory, ignore,
        OptionSpec(
            name: "rewrite", value: .flag,
            summary: "Publish also results that are equal to what the table holds already."),
        OptionSpec(name: "reason", value: .text("TEXT"), summary: "Why, for those who read the history."),
        OptionSpec(
            name: "at-end", value: .text("FILE"),
            summary:
                "Write a report when the run ends, however it does: as HTML, Markdown, JSON or text, as the file's "
                + "ending says."),
        OptionSpec(
            name: "notify", value: .text("COMMAND"),
            summary:
                "Let the shell run this when the run has ended, is paused, or waits for approval, with a summary on its "
                + "standard input and in REPROCESS_EVENT, REPROCESS_RUN and others.",
            defaultText: "'notify' of the job, else nothing"),
        OptionSpec(name: "dry-run", value: .flag, summary: "Print the plan and change nothing, as 'plan' does."),
    ]
}

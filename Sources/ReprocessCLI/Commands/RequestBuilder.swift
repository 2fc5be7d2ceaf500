internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// Turns arguments into the request of a run, with the job's own values where nothing is given.
struct RequestBuilder {
    let arguments: Arguments
    let job: Job

    /// The request; `known` is what is meant where the command line names no partitions, nil where it must.
    func request(selection: Selection, known: PartitionSet? = nil) throws -> BackfillRequest {
        guard let partitions = try partitions() ?? known else { throw missingRange() }
        let excluded = try list("exclude")
        let wanted = excluded.map { partitions.subtracting($0) } ?? partitions
        guard !wanted.isEmpty else { throw UsageError("Nothing is left after --exclude.") }
        let lease = try duration("lease", in: RunLimits.lease, RunLimits.leaseExplanation)
        let deadline = try duration("deadline", in: RunLimits.deadline, RunLimits.deadlineExplanation)
        let breaker = try arguments.integer("breaker", in: RunLimits.breaker) ?? job.defaults.breaker
        return BackfillRequest(
            partitions: wanted, selection: selection,
            order: try arguments.choice("order", as: BackfillRequest.Order.self) ?? .oldest,
            workers: try arguments.integer("workers", in: RunLimits.workers) ?? job.defaults.workers
                ?? RunLimits.defaultWorkers,
            retries: try arguments.integer("retries", in: RunLimits.retries) ?? job.defaults.retries,
            maxPartitions: try arguments.integer("max-partitions", in: 1...Int.max),
            maxBytes: try arguments.byteCount("max-bytes") ?? job.defaults.maxBytes,
            maxBatches: try maxBatches(),
            onFailure: try arguments.choice("on-failure", as: BackfillRequest.FailurePolicy.self) ?? .continue,
            lease: lease ?? job.defaults.lease, deadline: deadline ?? job.defaults.deadline,
            takeovers: job.defaults.takeovers, settle: try settle(),
            reason: arguments.text("reason"), ignoresSources: arguments.text("ignore") == "source",
            rewritesUnchanged: arguments.has("rewrite"),
            rate: try value("rate", "a number of partitions in a time, such as 30/min") { Rate(parsing: $0) }
                ?? job.defaults.rate,
            maxRunning: try arguments.integer("max-running", in: RunLimits.maxRunning) ?? job.defaults.maxRunning,
            window: try value("window", "hours and a time zone, such as '22:00-06:00 Europe/Berlin'") {
                TimeWindow(parsing: $0)
            } ?? job.defaults.window,
            breaker: breaker > 0 ? BreakerPolicy(inARow: breaker) : nil,
            onBreaker: try arguments.choice("on-breaker", as: BackfillRequest.BreakerReaction.self) ?? .exit)
    }

    /// A limit on batches means something only where a partition may be read in batches.
    private func maxBatches() throws -> Int? {
        guard let limit = try arguments.integer("max-batches", in: 1...Int.max) else { return nil }
        if case .sql(let query) = job.transform, query.batching == nil {
            throw UsageError(
                "\(arguments.origin(of: "max-batches")) \(limit): the job '\(job.name)' is not read in batches. Give it a "
                    + "'batch' in its configuration.", command: arguments.command)
        }
        return limit
    }

    /// How long ago a partition must have ended; who names partitions one by one means just these.
    private func settle() throws -> Duration? {
        let given = try duration("settle", in: RunLimits.settle, RunLimits.settleExplanation)
        let isRange = arguments.text("from") != nil
        guard let settle = given ?? (isRange ? job.defaults.settle : nil), settle > .zero else { return nil }
        return settle
    }

    private func value<Value>(_ option: String, _ expected: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = arguments.text(option) else { return nil }
        guard let value = parse(text) else {
            throw UsageError("--\(option) is '\(text)', but must be \(expected).", command: arguments.command)
        }
        return value
    }

    private func duration(
        _ option: String, in bounds: ClosedRange<Duration>, _ explanation: String
    ) throws -> Duration? {
        guard let duration = try arguments.duration(option) else { return nil }
        guard bounds.contains(duration) else {
            throw UsageError("\(arguments.origin(of: option)) is '\(DurationText.canonical(duration))'. \(explanation)")
        }
        return duration
    }

    /// What `--only` asks for.
    var selection: Selection {
        get throws { try arguments.choice("only", as: Selection.self) ?? .unfinished }
    }

    /// The partitions that the command line names; nil where it names none.
    func partitions() throws -> PartitionSet? {
        guard let listed = try list("dates") else { return try range().map { PartitionSet($0) } }
        guard arguments.text("from") == nil, arguments.text("to") == nil else {
            throw UsageError("--dates stands instead of --from and --to: give either.")
        }
        return listed
    }

    /// The range from `--from` to `--to`; nil where neither is given.
    func range() throws -> PartitionRange? {
        switch (arguments.text("from"), arguments.text("to")) {
        case (nil, nil): return nil
        case (let from?, let to?):
            return try PartitionRange(from: try key(from, of: "from"), through: try key(to, of: "to"))
        case (.some(let from), nil):
            throw UsageError(
                "\(arguments.origin(of: "from")) \(from) has no --to. Both are inclusive; for one partition write it twice."
            )
        case (nil, .some(let to)):
            throw UsageError(
                "\(arguments.origin(of: "to")) \(to) has no --from. Both are inclusive; for one partition write it twice."
            )
        }
    }

    private func list(_ option: String) throws -> PartitionSet? {
        try naming(option) { try PartitionList.parse(arguments.texts(option), as: job.partitioning.every) }
    }

    private func key(_ text: String, of option: String) throws -> PartitionKey {
        try naming(option) { try PartitionKey(parsing: text, as: job.partitioning.every) }
    }

    /// Names the variable that a bad partition comes from; one that is typed is there to be seen.
    private func naming<Value>(_ option: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            guard let variable = arguments.variable(of: option) else { throw error }
            throw UsageError("\(variable): \(error)", command: arguments.command)
        }
    }

    private func missingRange() -> UsageError {
        let (first, last) =
            switch job.partitioning.every {
            case .hour: ("2024-01-01T00", "2024-01-31T23")
            case .day: ("2024-01-01", "2024-01-31")
            case .month: ("2024-01", "2024-12")
            }
        return UsageError("Which partitions? Give --from and --to, as in --from \(first) --to \(last), or --dates.")
    }
}

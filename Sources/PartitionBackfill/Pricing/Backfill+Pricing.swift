internal import Partitions
internal import Transforms

extension Backfill {
    /// Partitions that are looked at before a run with a limit of bytes begins.
    private static let mostSized = 64

    var pricer: PartitionPricer { PartitionPricer(job: job, ledger: ledger, tables: sources) }

    /// What a plan will probably cost: by the sizes of its sources and what past attempts took.
    ///
    /// A plan with nothing to run costs nothing, and asking neither. Of more than 4,096 partitions as many are looked at,
    /// at equal distances. Changes nothing.
    ///
    /// - Throws: `LedgerError`.
    public func price(_ plan: BackfillPlan, _ request: BackfillRequest) async throws -> PlanPrice? {
        let ranges = plan.segments.filter(\.reason.isRun).map(\.range)
        guard !ranges.isEmpty else { return nil }
        let keys = EvenSample.keys(of: ranges)
        let answer = try await pricer.prices(of: keys, countsRows: true)
        let ordered: [PartitionKey] =
            switch request.order {
            case .oldest: keys
            case .newest: keys.reversed()
            case .largest: Weights(answer.prices).heaviestFirst(keys)
            }
        return PlanPrice(
            partitions: plan.runCount,
            sample: ordered.map { PlanPrice.Entry(key: $0, price: answer.prices[$0] ?? PartitionPrice()) },
            attempts: answer.attempts, workers: request.workers, unseen: answer.unseen, problem: answer.problem,
            footersRead: answer.footers.read, footers: answer.footers.total)
    }

    /// The budget of a run with a limit of bytes; nil for one without.
    ///
    /// - Throws: `TransformError` where nobody knows any size of the job's sources, so that the limit would mean nothing.
    func byteBudget(_ plan: BackfillPlan, _ request: BackfillRequest) async throws -> ByteBudget? {
        guard let limit = request.maxBytes else { return nil }
        let ranges = plan.segments.filter(\.reason.isRun).map(\.range)
        let keys = EvenSample.keys(of: ranges, most: Backfill.mostSized)
        let found = try await pricer.bytes(of: keys)
        guard !found.bytes.isEmpty || keys.isEmpty else {
            let why = found.problem.map { " (\($0))" } ?? ""
            throw TransformError(
                .misuse,
                "--max-bytes cannot be kept to: the sizes of the sources of '\(job.name)' are not known\(why). They are "
                    + "where the sources are named in the job and are local files. Limit the run with --max-partitions instead."
            )
        }
        return ByteBudget(limit: limit, known: Array(found.bytes.values))
    }
}

internal import Partitions
internal import ProgressStore
internal import Transforms

/// Puts together what is known of partitions: the sizes of their sources, their last attempts, and those of others.
struct PartitionPricer: Sendable {
    /// Past attempts of other partitions that a plan looks at.
    static let mostRecent = 256

    /// Prices of partitions.
    struct Answer: Sendable {
        var prices: [PartitionKey: PartitionPrice] = [:]
        /// Past attempts from which seconds were foretold.
        var attempts = 0
        var unseen = 0
        var problem: String?
        /// Footers that were read, and that there are.
        var footers = (read: 0, total: 0)
    }

    private let job: Job
    private let ledger: Ledger
    private let sizes: SourceSizes?

    init(job: Job, ledger: Ledger, tables: DeltaSources) {
        self.job = job
        self.ledger = ledger
        sizes = SourceSizes(job: job, tables: tables)
    }

    /// The sizes alone, for which the ledger is not asked.
    func bytes(of keys: [PartitionKey]) async throws -> SourceSizes.Answer {
        try await sizes?.sizes(of: keys) ?? SourceSizes.Answer()
    }

    /// Prices partitions.
    ///
    /// - Parameters:
    ///   - keys: The partitions.
    ///   - mostRecent: Past attempts of other partitions that are looked at where these have none.
    ///   - countsRows: Whether the rows of the sources are wanted, for which files are looked into.
    /// - Returns: What is known of them.
    /// - Throws: `LedgerError`.
    func prices(
        of keys: [PartitionKey], mostRecent: Int = mostRecent, countsRows: Bool = false
    ) async throws -> Answer {
        let found = try await sizes?.sizes(of: keys, keepsFiles: countsRows) ?? SourceSizes.Answer()
        let counted = countsRows ? try await FooterReading().rows(found.files, of: keys) : FooterReading.Answer()
        let past = try await ledger.pastAttempts(job: job.name, keys: keys)
        let recent = try await ledger.recentAttempts(
            job: job.name, granularity: job.partitioning.every, limit: mostRecent)
        let share = WorkShare(recent)
        var own: [PartitionKey: PastAttempt] = [:]
        for attempt in past { own[attempt.key] = attempt }
        var samples: [PartitionKey: PriceModel.Sample] = [:]
        for attempt in past {
            samples[attempt.key] = .init(bytes: found.bytes[attempt.key], seconds: share.work(in: attempt.seconds))
        }
        if own.count < keys.count {
            // Of the others only those are looked at that are not known from above.
            let others = recent.filter { own[$0.key] == nil }
            let sizes = try await bytes(of: others.map(\.key)).bytes
            for attempt in others {
                samples[attempt.key] = .init(bytes: sizes[attempt.key], seconds: share.work(in: attempt.seconds))
            }
        }
        let model = own.count < keys.count ? PriceModel(Array(samples.values)) : nil
        var estimate = RowEstimate(
            counted.rows.compactMap { key, rows in found.bytes[key].map { (rows: rows, bytes: $0) } },
            past: past.compactMap(\.read) + recent.filter { own[$0.key] == nil }.compactMap(\.read))
        estimate.goesBySize = !found.hasOtherRows
        var answer = Answer(
            attempts: samples.count, unseen: found.unseen + counted.unseen, problem: found.problem ?? counted.problem,
            footers: (counted.read, counted.total))
        for key in keys {
            let bytes = found.bytes[key]
            let seconds = own[key].map { share.work(in: $0.seconds) } ?? model?.seconds(bytes: bytes)
            let rows = estimate.rows(counted: counted.rows[key], bytes: bytes, last: own[key])
            answer.prices[key] = PartitionPrice(
                bytes: bytes, rows: rows?.rows, rowsBasis: rows?.basis, seconds: seconds)
        }
        return answer
    }
}

public import Partitions

/// What a plan will probably cost.
public struct PlanPrice: Sendable, Hashable {
    /// A sum over all partitions of the plan.
    public struct Total: Sendable, Hashable {
        /// The sum; partitions of which nothing is known count as the mean of the others.
        public var sum: Int64
        /// Partitions of which it is known, among those that were looked at.
        public var known: Int
    }

    /// The seconds of work of all partitions of the plan.
    public struct Work: Sendable, Hashable {
        /// The sum for one worker.
        public var seconds: Double
        /// Past attempts from which it is foretold.
        public var attempts: Int
    }

    /// A partition with its price.
    public struct Entry: Sendable, Hashable {
        /// The partition.
        public var key: PartitionKey
        /// Its price.
        public var price: PartitionPrice
    }

    /// When so many workers would be done.
    public struct Finish: Sendable, Hashable {
        /// Workers, in all processes together.
        public var workers: Int
        /// The time until the last of them is done.
        public var seconds: Double
    }

    /// Partitions that are to be run.
    public let partitions: Int
    /// Those of them that were looked at one by one; the rest is extrapolated from them.
    public let lookedAt: Int
    /// The sizes of the source files; nil where nobody knows any.
    public let bytes: Total?
    /// The rows of the sources, or else those that the partitions had the last time; nil where nobody knows any.
    public let rows: Total?
    /// How the sum of the rows is known: `counted` only where every partition of the plan was.
    public let rowsBasis: PartitionPrice.RowsBasis?
    /// The work; nil as long as nothing was ever run.
    public let work: Work?
    /// When it would be done with 1, 2, 4, 8 … workers, and with those asked for; nothing where no time is known.
    public let finish: [Finish]
    /// The workers asked for.
    public let workers: Int
    /// The heaviest partitions that were looked at, by seconds, or by bytes where no seconds are known.
    public let heaviest: [Entry]
    /// Partitions whose sources could not be looked at.
    public let unseen: Int
    /// Why the first of them could not.
    public let problem: String?
    /// Footers of Parquet files that were read to count rows.
    public let footersRead: Int
    /// Footers that there are; the rows of the files whose footers were not read are estimated by their size.
    public let footers: Int
}

extension PlanPrice {
    /// Partitions that are listed as the heaviest.
    private static let heaviestCount = 10
    /// Worker counts for which the end is foretold.
    private static let workerCounts = [1, 2, 4, 8, 16, 32, 64]

    /// Prices a plan.
    ///
    /// - Parameters:
    ///   - partitions: Partitions that are to be run.
    ///   - sample: Those that were looked at, in the order in which they would be claimed.
    ///   - attempts: Past attempts from which seconds were foretold.
    ///   - workers: The workers asked for.
    ///   - unseen: Partitions whose sources could not be looked at.
    ///   - problem: Why the first of them could not.
    ///   - footersRead: Footers that were read.
    ///   - footers: Footers that there are.
    init(
        partitions: Int, sample: [Entry], attempts: Int, workers: Int, unseen: Int = 0, problem: String? = nil,
        footersRead: Int = 0, footers: Int = 0
    ) {
        let sample = Self.withRowsOfOneKind(sample)
        self.partitions = partitions
        self.workers = workers
        self.unseen = unseen
        self.problem = problem
        self.footersRead = footersRead
        self.footers = footers
        lookedAt = sample.count
        bytes = Self.total(of: sample.compactMap(\.price.bytes), partitions)
        rows = Self.total(of: sample.compactMap(\.price.rows), partitions)
        let bases = Set(sample.compactMap(\.price.rowsBasis))
        let areAllCounted = bases == [.counted] && rows?.known == partitions
        let ofSources: PartitionPrice.RowsBasis = areAllCounted ? .counted : .estimated
        rowsBasis = rows == nil ? nil : bases.isSubset(of: [.lastAttempt]) ? .lastAttempt : ofSources
        let prices = Dictionary(sample.map { ($0.key, $0.price) }) { first, _ in first }
        let weights = Weights(prices)
        heaviest = weights.heaviestFirst(sample.map(\.key)).prefix(Self.heaviestCount).compactMap { key in
            guard let price = prices[key], price.seconds != nil || price.bytes ?? 0 > 0 else { return nil }
            return Entry(key: key, price: price)
        }
        let known = sample.compactMap(\.price.seconds)
        guard !known.isEmpty else {
            work = nil
            finish = []
            return
        }
        let mean = known.reduce(0, +) / Double(known.count)
        work = Work(seconds: mean * Double(partitions), attempts: attempts)
        let before = mean * Double(partitions - sample.count)
        let counts = Set(Self.workerCounts.filter { $0 == 1 || $0 <= partitions } + [workers])
        finish = counts.sorted().map { count in
            let seconds = Self.claimed(sample.map(\.key), weights, workers: count).map { prices[$0]?.seconds ?? mean }
            return Finish(workers: count, seconds: Makespan.seconds(seconds, workers: count, before: before))
        }
    }

    /// The order in which so many workers of one process claim partitions.
    static func claimed(_ keys: [PartitionKey], _ weights: Weights, workers: Int) -> [PartitionKey] {
        let last = LongestAtEnd.partitionsPerWorker * workers
        guard workers > 1 else { return keys }
        return Array(keys.dropLast(last)) + weights.clearlyHeaviestFirst(Array(keys.suffix(last)))
    }

    /// Rows that were read and rows that were written are not added up: where sources tell any, those of attempts are left out.
    private static func withRowsOfOneKind(_ sample: [Entry]) -> [Entry] {
        guard sample.contains(where: { $0.price.rowsBasis == .counted || $0.price.rowsBasis == .estimated }) else {
            return sample
        }
        return sample.map { entry in
            guard entry.price.rowsBasis == .lastAttempt else { return entry }
            var entry = entry
            (entry.price.rows, entry.price.rowsBasis) = (nil, nil)
            return entry
        }
    }

    private static func total(of known: [Int64], _ partitions: Int) -> Total? {
        guard !known.isEmpty else { return nil }
        let mean = known.reduce(0) { $0 + Double($1) } / Double(known.count)
        return Total(sum: Int64(min(9e18, (mean * Double(partitions)).rounded())), known: known.count)
    }
}

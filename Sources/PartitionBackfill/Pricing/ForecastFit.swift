internal import Partitions
internal import ProgressStore

/// How what partitions of a run took compares with what they were foretold to take, and what that says of the others.
struct ForecastFit: Sendable {
    /// Attempts that are compared: what was long ago may have been on other machines.
    private static let memory = 50
    /// Fewer attempts say nothing.
    private static let fewest = 3

    /// What attempts take for each second that was foretold.
    let ratio: Double
    /// The deviation of what they take from what is foretold with that, as a part of it; nil where nobody can tell.
    let error: Double?
    /// As many attempts of equal weight tell it.
    let tests: Double
    /// What a partition takes of which nothing else is known; nil where nothing was ever done.
    let mean: Double?
    /// The time by size, of what this run has done.
    private let model: PriceModel?

    /// Compares.
    ///
    /// - Parameters:
    ///   - ended: Partitions that were foretold, and what they took.
    ///   - share: How much of that was work.
    ///   - recent: The attempts at the job that ended last, for as long as too few of these have.
    init(
        _ ended: [(partition: ForetoldPartition, took: ForetoldPartition.Took)], share: WorkShare,
        recent: [RecentAttempt]
    ) {
        let newest = ended.sorted { ($1.took.at, $0.partition.key) < ($0.took.at, $1.partition.key) }
        let work = newest.map { share.work(in: $0.took.seconds) }
        model = PriceModel(
            zip(newest, work).map { PriceModel.Sample(bytes: $0.partition.bytes, seconds: $1) })
        let known = recent.map { share.work(in: $0.seconds) }
        let all = work.isEmpty ? known : work
        mean = all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)

        let tests = zip(newest, work).compactMap { ended, seconds -> (foretold: Double, seconds: Double)? in
            guard ended.took.isTest, let foretold = ended.partition.seconds, foretold > 0 else { return nil }
            return (foretold, seconds)
        }.prefix(Self.memory)
        let foretold = tests.reduce(0) { $0 + $1.foretold }
        ratio = tests.count >= Self.fewest ? tests.reduce(0) { $0 + $1.seconds } / foretold : 1
        // Where nobody knew what they would take, they are compared with what they themselves say by their sizes.
        let pairs = [(foretold: Double, seconds: Double)](tests)
        let (ratio, model) = (self.ratio, self.model)
        var compared = pairs.map { (foretold: $0.foretold * ratio, seconds: $0.seconds) }
        if compared.count < Self.fewest, let model {
            compared = zip(newest, work).prefix(Self.memory).map {
                (foretold: model.seconds(bytes: $0.partition.bytes), seconds: $1)
            }
        }
        if compared.count < Self.fewest, let mean {
            compared = known.prefix(Self.memory).map { (foretold: mean, seconds: $0) }
        }
        let squares = compared.reduce(0) { $0 + $1.foretold * $1.foretold }
        guard compared.count >= Self.fewest, squares > 0 else {
            error = nil
            self.tests = 0
            return
        }
        let missed = compared.reduce(0) { $0 + ($1.seconds - $1.foretold) * ($1.seconds - $1.foretold) }
        let count = Double(compared.count)
        error = (missed / squares * count / (count - 1)).squareRoot()
        let sum = compared.reduce(0) { $0 + $1.foretold }
        self.tests = sum * sum / squares
    }

    /// What a partition will take in all; nil where nobody knows.
    func seconds(of partition: ForetoldPartition) -> Double? {
        if let foretold = partition.seconds { return foretold * ratio }
        return model?.seconds(bytes: partition.bytes) ?? mean
    }
}

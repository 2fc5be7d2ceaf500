internal import Foundation
package import Partitions
package import ProgressStore

/// The work that the runs at work still have before them, by what each partition was foretold to take, and how sure that is.
package struct WorkLeft: Sendable, Hashable {
    /// A partition that is to be done, or is being done.
    package struct Part: Sendable, Hashable {
        /// The partition.
        package var key: PartitionKey
        /// The seconds that one worker will be at it in all; nil where nobody knows.
        package var expected: Double?
        /// The seconds for which somebody has been at it; nil where nobody is.
        package var running: Double?
        /// The size of its sources; nil where nobody knew it.
        package var bytes: Int64?
        /// Partitions for which it stands.
        var weight = 1.0

        /// What is left of it: what takes longer than it should is taken to need a tenth more than it has taken.
        func rest(_ expected: Double) -> Double {
            guard let running else { return expected }
            return max(expected - running, running / 10)
        }
    }

    /// Partitions that have not ended.
    package let parts: [Part]
    /// Whether each of them is known by itself, and stands for no others.
    package let isExact: Bool
    /// The seconds that one of them takes, for those of which nothing else is known; nil where nothing is known at all.
    private let mean: Double?
    /// By what part attempts took longer, or less, than was foretold: the deviation from one.
    private let error: Double?
    /// How many attempts, of equal weight, tell that; none where it is not known.
    private let tests: Double
    /// How much of the time from claim to end is work.
    private let share: WorkShare

    /// Works out what is left; nil where there is no forecast.
    ///
    /// - Parameters:
    ///   - forecasts: What the runs at work were foretold to take; where two name a partition, the first counts.
    ///   - recent: The attempts that ended last.
    package init?(_ forecasts: [RunForecast], recent: [RecentAttempt]) {
        guard !forecasts.isEmpty else { return nil }
        share = WorkShare(recent)
        var seen: Set<PartitionKey> = []
        var left: [(partition: ForetoldPartition, weight: Double)] = []
        var ended: [(partition: ForetoldPartition, took: ForetoldPartition.Took)] = []
        for forecast in forecasts {
            for partition in forecast.partitions where seen.insert(partition.key).inserted {
                switch partition.standing {
                case .left, .running: left.append((partition, forecast.weight))
                case .ended(let took?): ended.append((partition, took))
                case .ended(nil): break
                }
            }
        }
        isExact = forecasts.allSatisfy { $0.planned == $0.lookedAt }
        let fit = ForecastFit(ended, share: share, recent: recent)
        error = fit.error
        tests = fit.tests
        parts = left.map { partition, weight in
            var running: Double?
            if case .running(let seconds) = partition.standing { running = seconds }
            return Part(
                key: partition.key, expected: fit.seconds(of: partition), running: running, bytes: partition.bytes,
                weight: weight)
        }
        let known = parts.filter { $0.expected != nil }
        let weight = known.reduce(0) { $0 + $1.weight }
        mean = weight > 0 ? known.reduce(0) { $0 + $1.weight * ($1.expected ?? 0) } / weight : fit.mean
    }

    /// Partitions that have not ended, those included that were not looked at.
    package var count: Double { parts.reduce(0) { $0 + $1.weight } }

    /// Those that nobody has begun, heaviest first; those of which nothing is known are none.
    package func heaviest(_ most: Int) -> [Part] {
        Array(
            parts.filter { $0.running == nil && $0.expected != nil }
                .sorted { ($1.expected ?? 0, $0.key) < ($0.expected ?? 0, $1.key) }.prefix(most))
    }

    /// What one of those that nobody has begun takes on average; nil where it is not known.
    package var meanToCome: Double? {
        let waiting = parts.filter { $0.running == nil && $0.expected != nil }
        let weight = waiting.reduce(0) { $0 + $1.weight }
        return weight > 0 ? waiting.reduce(0) { $0 + $1.weight * ($1.expected ?? 0) } / weight : nil
    }

    /// What a partition that runs, or is to, will probably take in all.
    package func expected(of key: PartitionKey) -> Double? { parts.first { $0.key == key }?.expected }

    /// When it will be done.
    ///
    /// - Parameters:
    ///   - running: Partitions that run now, those included that were claimed ahead.
    ///   - others: Partitions that are ahead as well, and were not foretold.
    /// - Returns: The end; nil where nothing is known of what a partition takes, or nobody works.
    package func end(running: Int, others: Double = 0) -> WorkEnd? {
        guard running > 0, let mean, count + others > 0 else { return nil }
        // What is claimed ahead waits in its process: so many work.
        let workers = max(1, Double(running) * share.average)
        var (total, squares, longest) = (others * mean, others * mean * mean, others > 0 ? mean : 0)
        for part in parts {
            let expected = part.expected ?? mean
            let rest = part.rest(expected)
            total += rest + (part.weight - 1) * expected
            squares += rest * rest + (part.weight - 1) * expected * expected
            longest = max(longest, part.weight > 1 ? max(rest, expected) : rest)
        }
        guard total > 0 else { return nil }
        return WorkEnd(
            work: total, workers: workers, longest: longest, error: error,
            // The error of a sum, and that of what it is foretold by.
            sumError: error.map { $0 * (squares / (total * total) + (tests > 0 ? 1 / tests : 0)).squareRoot() })
    }
}

/// When work is done that some workers share.
package struct WorkEnd: Sendable, Hashable {
    /// Seconds for one worker.
    package let work: Double
    /// Workers that are at it.
    package let workers: Double
    /// The seconds of the longest partition: they are not done before it.
    package let longest: Double
    /// The error of one partition, as a part of it; nil where it is not known.
    package let error: Double?
    /// The error of the work, as a part of it.
    package let sumError: Double?

    /// The seconds until the last one is done.
    package var seconds: Double { seconds(deviations: 0) }

    /// The seconds, had it taken so many deviations longer than expected.
    package func seconds(deviations: Double) -> Double {
        let factor = { (error: Double?) in max(0.2, 1 + deviations * (error ?? 0)) }
        return max(work * factor(sumError) / workers, longest * factor(error))
    }
}

internal import Foundation
internal import ProgressStore

/// How much of the time between a claim and its end was work.
///
/// Partitions of milliseconds are claimed ahead of the workers, and wait for them. A process with four workers that had
/// forty partitions in hand on average worked a tenth of their time on each.
struct WorkShare: Sendable, Hashable {
    /// Attempts of one process that are needed to tell.
    private static let fewest = 8
    /// What is claimed ahead waits no longer: it is work for a fifth of a second, and its end is recorded with others.
    private static let longestWait = 0.3

    /// From 0 to 1.
    let share: Double
    /// The part of the time that was work, of all attempts together.
    let average: Double

    init(_ recent: [RecentAttempt]) {
        var (work, time) = (0.0, 0.0)
        for attempts in Dictionary(grouping: recent, by: \.worker).values where attempts.count >= Self.fewest {
            guard let workers = attempts.compactMap(\.workers).max(),
                let start = attempts.map(\.startedAt).min(), let end = attempts.map(\.endedAt).max()
            else { continue }
            let spent = attempts.reduce(0) { $0 + $1.seconds }
            time += spent
            work += min(spent, Double(workers) * end.timeIntervalSince(start))
        }
        let share = time > 0 ? work / time : 1
        self.share = share
        let spent = recent.reduce(0) { $0 + $1.seconds }
        average = spent > 0 ? recent.reduce(0) { $0 + Self.work(in: $1.seconds, share) } / spent : 1
    }

    /// The seconds of work in an attempt.
    func work(in seconds: Double) -> Double { Self.work(in: seconds, share) }

    private static func work(in seconds: Double, _ share: Double) -> Double {
        max(seconds * share, seconds - longestWait)
    }
}

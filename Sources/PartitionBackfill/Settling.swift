internal import Foundation
internal import Partitions

/// Keeps the newest partitions out of a range: they may be incomplete, and a daily job may be at work on them.
///
/// A partition is settled when it ended a given time ago. Partitions have no time zone and the database's time is taken as
/// UTC, so the boundary may be half a day off from where the user lives; the usual two days leave room for that.
struct Settling: Sendable {
    /// The first partition that is not settled.
    let firstRecent: PartitionKey

    init(granularity: Granularity, settle: Duration, now: Date) {
        let hours = Int(((now.timeIntervalSince1970 - settle / .seconds(1)) / 3600).rounded(.down))
        let date = CivilDate(daysSinceEpoch: hours / 24)
        firstRecent = PartitionKey(granularity: granularity, containing: date, hour: hours % 24)
    }

    /// Divides a range into what is settled and what is too recent.
    func divide(_ range: PartitionRange) -> (settled: PartitionRange, recent: PartitionRange) {
        let boundary = min(max(firstRecent.ordinal, range.ordinals.lowerBound), range.ordinals.upperBound)
        return (
            PartitionRange(granularity: range.granularity, ordinals: range.ordinals.lowerBound..<boundary),
            PartitionRange(granularity: range.granularity, ordinals: boundary..<range.ordinals.upperBound)
        )
    }
}

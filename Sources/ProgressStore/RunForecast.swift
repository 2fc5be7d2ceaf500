public import Foundation
public import Partitions

/// What a partition of a run was foretold to take.
public struct ForetoldPartition: Sendable, Hashable {
    /// Where it stands since the run began.
    public enum Standing: Sendable, Hashable {
        /// It is to be done, by whoever claims it.
        case left
        /// Somebody has been at it for so many seconds, and is alive.
        case running(seconds: Double)
        /// It has ended.
        ///
        /// `took` is nil where no attempt of a run brought it to a result.
        case ended(took: Took?)
    }

    /// What an attempt took that was foretold.
    public struct Took: Sendable, Hashable {
        /// From its claim to its end.
        public var seconds: Double
        /// When it ended.
        public var at: Date
        /// Whether it ended after it was foretold, so that it tells how good that was.
        public var isTest: Bool

        /// Creates a value.
        public init(seconds: Double, at: Date, isTest: Bool) {
            self.seconds = seconds
            self.at = at
            self.isTest = isTest
        }
    }

    /// The partition.
    public var key: PartitionKey
    /// The size of its sources; nil where nobody knew it.
    public var bytes: Int64?
    /// The seconds that one worker would be at it; nil where nobody knew them.
    public var seconds: Double?
    /// Where it stands.
    public var standing: Standing

    /// Creates a value.
    public init(key: PartitionKey, bytes: Int64? = nil, seconds: Double? = nil, standing: Standing = .left) {
        self.key = key
        self.bytes = bytes
        self.seconds = seconds
        self.standing = standing
    }
}

/// What the partitions of a run at work were foretold to take, and what has become of them.
public struct RunForecast: Sendable, Hashable {
    /// The run.
    public var run: Int64
    /// The first partition of its range.
    public var first: PartitionKey?
    /// The last partition of its range.
    public var last: PartitionKey?
    /// Partitions that it planned.
    public var planned: Int
    /// As many of them as were looked at, at equal distances.
    public var lookedAt: Int
    /// Those of them that lie in the range that was asked about.
    public var partitions: [ForetoldPartition]

    /// Partitions for each of which one that was looked at stands.
    public var weight: Double { Double(planned) / Double(max(1, lookedAt)) }

    /// Creates a forecast.
    public init(
        run: Int64, first: PartitionKey?, last: PartitionKey?, planned: Int, lookedAt: Int,
        partitions: [ForetoldPartition]
    ) {
        self.run = run
        self.first = first
        self.last = last
        self.planned = planned
        self.lookedAt = lookedAt
        self.partitions = partitions
    }
}

public import Foundation
public import Partitions

/// What the newest attempt at a partition took that came to a result.
public struct PastAttempt: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The time from its claim to its end.
    public var seconds: Double
    /// Rows that it wrote; nil where nobody counted.
    public var rows: Int64?
    /// Bytes that it wrote; nil where nobody counted.
    public var bytes: Int64?
    /// What it read; nil where nobody counted both.
    public var read: ReadAmount?

    /// Creates an attempt.
    public init(
        key: PartitionKey, seconds: Double, rows: Int64? = nil, bytes: Int64? = nil, read: ReadAmount? = nil
    ) {
        self.key = key
        self.seconds = seconds
        self.rows = rows
        self.bytes = bytes
        self.read = read
    }
}

/// What an attempt read of its sources.
public struct ReadAmount: Sendable, Hashable {
    /// The rows.
    public var rows: Int64
    /// The size of the files that they are in.
    public var bytes: Int64

    /// Creates an amount.
    public init(rows: Int64, bytes: Int64) {
        self.rows = rows
        self.bytes = bytes
    }
}

/// One of the attempts that made partitions COMPLETE lately, with what tells how busy its process was.
public struct RecentAttempt: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// When it was claimed.
    public var startedAt: Date
    /// When it was recorded.
    public var endedAt: Date
    /// Rows that it wrote; nil where nobody counted.
    public var rows: Int64?
    /// Bytes that it wrote; nil where nobody counted.
    public var bytes: Int64?
    /// The process.
    public var worker: String
    /// The workers with which the run of the process was started; nil where no run of this program made it.
    public var workers: Int?
    /// What it read; nil where nobody counted both.
    public var read: ReadAmount?

    /// The time from its claim to its end.
    public var seconds: Double { max(0, endedAt.timeIntervalSince(startedAt)) }

    /// Creates an attempt.
    public init(
        key: PartitionKey, startedAt: Date, endedAt: Date, rows: Int64? = nil, bytes: Int64? = nil, worker: String,
        workers: Int? = nil, read: ReadAmount? = nil
    ) {
        self.key = key
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.rows = rows
        self.bytes = bytes
        self.worker = worker
        self.workers = workers
        self.read = read
    }
}

/// What runs of a job at one moment.
public struct RunningWork: Sendable, Hashable {
    /// Partitions that run and whose worker is alive, in all processes.
    public var count: Int
    /// The one of them that has run longest.
    public var oldest: PartitionKey
    /// The process that works on it.
    public var worker: String?
    /// Since when.
    public var since: Date?

    /// Creates a value.
    public init(count: Int, oldest: PartitionKey, worker: String?, since: Date?) {
        self.count = count
        self.oldest = oldest
        self.worker = worker
        self.since = since
    }
}

/// How far a run at work has come.
public struct RunAdvance: Sendable, Hashable {
    /// The run.
    public var run: Int64
    /// The first partition of its range; nil where the range was empty.
    public var first: PartitionKey?
    /// The last partition of its range.
    public var last: PartitionKey?
    /// Partitions that it had planned.
    public var planned: Int
    /// Partitions of its range that have ended since it began; nil where they are more than are counted.
    public var ended: Int?

    /// Creates a value.
    public init(run: Int64, first: PartitionKey?, last: PartitionKey?, planned: Int, ended: Int?) {
        self.run = run
        self.first = first
        self.last = last
        self.planned = planned
        self.ended = ended
    }
}

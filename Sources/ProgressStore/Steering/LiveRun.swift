public import Foundation
public import Partitions

/// A run that is at work: nobody has closed it, and its process has given a sign of life lately.
public struct LiveRun: Sendable, Hashable {
    /// Its number.
    public var id: Int64
    /// The process that opened it.
    public var worker: String
    /// What it is asked to do.
    public var control: RunControl
    /// The settings that were changed since it began, by name.
    public var settings: [String: String]
    /// The first partition of the range asked for; nil where the range was empty.
    public var firstKey: PartitionKey?
    /// The last partition of the range asked for; nil where the range was empty.
    public var lastKey: PartitionKey?
    /// When it began.
    public var startedAt: Date
    /// Who was the last to ask something of it; nil where nobody has.
    public var askedBy: String?
    /// When that was.
    public var askedAt: Date?
    /// Why.
    public var reason: String?

    /// Creates a row.
    public init(
        id: Int64, worker: String, control: RunControl, settings: [String: String] = [:], firstKey: PartitionKey? = nil,
        lastKey: PartitionKey? = nil, startedAt: Date, askedBy: String? = nil, askedAt: Date? = nil,
        reason: String? = nil
    ) {
        self.id = id
        self.worker = worker
        self.control = control
        self.settings = settings
        self.firstKey = firstKey
        self.lastKey = lastKey
        self.startedAt = startedAt
        self.askedBy = askedBy
        self.askedAt = askedAt
        self.reason = reason
    }
}

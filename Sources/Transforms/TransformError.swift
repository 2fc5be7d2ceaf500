internal import Partitions

/// Why a partition could not be made.
public struct TransformError: ClassifiedFailure, CustomStringConvertible {
    /// The kind of failure; more may come.
    public struct Code: Sendable, Hashable {
        private enum Value: Hashable {
            case engineMissing, syntax, query, sourceMissing, outsidePartition, emptyResult, outOfMemory, diskFull,
                misuse
        }
        private let value: Value

        /// The engine's library cannot be loaded.
        public static let engineMissing = Code(value: .engineMissing)
        /// The statement cannot be parsed, or is not one SELECT.
        public static let syntax = Code(value: .syntax)
        /// The engine failed while it ran the statement.
        public static let query = Code(value: .query)
        /// No file matches a source's path.
        public static let sourceMissing = Code(value: .sourceMissing)
        /// A row of the result belongs to another partition.
        public static let outsidePartition = Code(value: .outsidePartition)
        /// The result has no rows where the partition has some.
        public static let emptyResult = Code(value: .emptyResult)
        /// The engine's memory limit was reached.
        public static let outOfMemory = Code(value: .outOfMemory)
        /// The disk is full.
        public static let diskFull = Code(value: .diskFull)
        /// A closure used its partition in a way that cannot be.
        public static let misuse = Code(value: .misuse)
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence for the user, with what to do next, and never a row of data.
    public let message: String

    /// What another try promises.
    public let nature: FailureNature
    /// How long whoever refused wants to be left alone, where they said so.
    public let retryAfter: Duration?

    /// Creates an error; its nature is that of its kind unless it is given.
    public init(_ code: Code, _ message: String, nature: FailureNature? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.nature = nature ?? code.nature
        self.retryAfter = retryAfter
    }

    /// The sentence for the user.
    public var description: String { message }
}

extension TransformError.Code {
    /// What another try promises after a failure of this kind, where nothing closer is known.
    fileprivate var nature: FailureNature {
        switch self {
        case .engineMissing, .syntax, .outsidePartition, .emptyResult, .misuse: .permanent
        case .diskFull: .transient
        case .outOfMemory: .outOfMemory
        // A file may yet come, and a query fails for many reasons.
        default: .unknown
        }
    }
}

extension TransformError {
    /// A staging that somebody took away: who claims the partition, or a cleaning that took the attempt for dead.
    static func stagingGone(_ directory: String) -> TransformError {
        TransformError(
            .query,
            "The staging '\(directory)' has gone while it was written: the attempt stood still and was taken for dead. "
                + "Nothing was published. Run the partition again.", nature: .transient)
    }

    /// Rows that belong to another partition.
    static func outside(_ counts: String, of key: PartitionKey, column: String, advice: String) -> TransformError {
        TransformError(
            .outsidePartition,
            "\(counts) rows lie outside of the partition \(key): their '\(column)' is another one or null. "
                + "Nothing was published. \(advice)")
    }
}

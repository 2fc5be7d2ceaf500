/// Why a table could not be read or written.
public struct TableError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; more may come.
    public struct Code: Sendable, Hashable {
        private enum Value: Hashable { case refused, notWritable, diskFull, fenced, busy, damaged, missing, io }
        private let value: Value

        /// The table or its file system is not one that can be written safely.
        public static let refused = Code(value: .refused)
        /// A folder cannot be written by this user.
        public static let notWritable = Code(value: .notWritable)
        /// The disk or the quota is full.
        public static let diskFull = Code(value: .diskFull)
        /// A higher fence is installed.
        public static let fenced = Code(value: .fenced)
        /// Another process holds the partition's lock.
        public static let busy = Code(value: .busy)
        /// Somebody else changed the partition while it was published.
        public static let damaged = Code(value: .damaged)
        /// What was to be published again is not there any more.
        public static let missing = Code(value: .missing)
        /// Any other failure of the file system.
        public static let io = Code(value: .io)
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence for the user that names the path and what to do next.
    public let message: String
    /// The higher fence, where one is installed.
    public let fence: Int64?

    /// Creates an error.
    public init(_ code: Code, _ message: String, fence: Int64? = nil) {
        self.code = code
        self.message = message
        self.fence = fence
    }

    /// The sentence for the user.
    public var description: String { message }
}

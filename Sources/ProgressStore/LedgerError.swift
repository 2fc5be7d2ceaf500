/// Why the ledger could not do what was asked.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; more may come.
    public struct Code: Sendable, Hashable {
        private enum Value: Hashable { case unreachable, refused, newerSchema, interrupted, malformed, cluster }
        private let value: Value

        /// No server answers; the message names host and port.
        public static let unreachable = Code(value: .unreachable)
        /// The server answers and says no: permissions, a missing database, a statement that cannot be.
        public static let refused = Code(value: .refused)
        /// The ledger was made by a newer version of this program.
        public static let newerSchema = Code(value: .newerSchema)
        /// The calling task was cancelled.
        public static let interrupted = Code(value: .interrupted)
        /// A row of the ledger cannot be understood.
        public static let malformed = Code(value: .malformed)
        /// The embedded cluster could not be made or started.
        public static let cluster = Code(value: .cluster)
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence for the user, with what to do next.
    ///
    /// Never a password, never a row of data.
    public let message: String
    /// PostgreSQL's code of the error, where the server gave one.
    public let sqlState: String?

    /// Creates an error.
    public init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    /// The sentence for the user.
    public var description: String { message }
}

internal import BlockingWork

/// A connection that stays, for a test that holds a transaction or a place on it.
public actor HeldConnection {
    /// Makes a connection something that several may refer to.
    private final class Reference {
        let connection: PlainConnection
        init(_ conninfo: String) throws { connection = try PlainConnection(conninfo) }
    }

    private let executor: BlockingExecutor
    private var reference: Reference?

    /// The thread that its calls block.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Connects.
    public init(_ conninfo: String) async throws {
        executor = BlockingExecutor(label: "held connection")
        reference = nil
        try connect(conninfo)
    }

    private func connect(_ conninfo: String) throws { reference = try Reference(conninfo) }

    /// Runs statements; returns the rows of the last one, every value as text.
    @discardableResult
    public func execute(_ sql: String) throws -> [[String?]] {
        guard let reference else { throw TestSupportError("the connection is closed") }
        return try reference.connection.execute(sql)
    }

    /// Ends the connection, and with it its transaction.
    public func close() { reference = nil }
}

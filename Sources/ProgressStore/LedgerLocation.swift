/// Where the ledger is.
public enum LedgerLocation: Sendable, Hashable {
    /// A server given by a URL or keyword string; libpq's environment fills what it leaves open.
    case server(conninfo: String)
    /// A server given by libpq's own environment alone (`PGHOST`, `PGSERVICE` …).
    case environment
    /// A private cluster below a project's folder (the folder that holds `.reprocess`), started on demand.
    case embedded(projectDirectory: String)
}

/// How to reach the ledger, and who asks.
public struct LedgerOptions: Sendable {
    /// The schema that holds the ledger's tables.
    public var schema: String
    /// The worker's name, unique to this process: `host:pid:random`.
    public var worker: String
    /// Variables of libpq (`PGHOST`, `PGPASSWORD` …) that do not stand in the environment of the process.
    ///
    /// A server's address comes before them; an embedded server has no use for them.
    public var variables: [String: String] = [:]
    /// How long to go on trying to connect before giving up at the start.
    public var connectTimeout: Duration
    /// How long to go on trying to reconnect after the database went away in the middle.
    public var reconnectTimeout: Duration
    /// How long the database may be silent over a statement before that is tried on another connection.
    ///
    /// Each time in a row twice as long, so that a slow server gets done in the end.
    public var answerTimeout: Duration
    /// Called with a sentence when the database does not answer any more, and with nil when it does again.
    ///
    /// From any thread; it must not wait.
    public var onAvailability: @Sendable (String?) -> Void
    /// Called with a sentence before the files of an embedded server are made, which takes a few seconds.
    public var onPreparation: @Sendable (String) -> Void

    /// Creates options.
    public init(
        schema: String = "reprocess", worker: String, connectTimeout: Duration = .seconds(10),
        reconnectTimeout: Duration = .seconds(600), answerTimeout: Duration = .seconds(60),
        onAvailability: @escaping @Sendable (String?) -> Void = { _ in },
        onPreparation: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.schema = schema
        self.worker = worker
        self.connectTimeout = connectTimeout
        self.reconnectTimeout = reconnectTimeout
        self.answerTimeout = answerTimeout
        self.onAvailability = onAvailability
        self.onPreparation = onPreparation
    }
}

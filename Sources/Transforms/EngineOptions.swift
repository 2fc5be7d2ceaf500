/// Settings of the engine, shared by all partitions in work.
public struct EngineOptions: Sendable, Hashable {
    /// The greatest memory for buffers, such as `4GB`; nil means 80 % of the machine's.
    public var memoryLimit: String?
    /// Threads for all queries together; nil means one a core.
    public var threads: Int?
    /// The folder for what does not fit into memory; nil means one below the system's temporary folder.
    public var temporaryDirectory: String?

    /// Partitions that will be staged at the same time: one alone gets every thread, many get one each.
    public var sessions: Int

    /// Whether what was read of files stays in memory, up to the limit, for those who read them again.
    public var keepsFilesInMemory = true

    /// Creates options.
    public init(
        memoryLimit: String? = nil, threads: Int? = nil, temporaryDirectory: String? = nil, sessions: Int = .max
    ) {
        self.sessions = sessions
        self.memoryLimit = memoryLimit
        self.threads = threads
        self.temporaryDirectory = temporaryDirectory
    }
}

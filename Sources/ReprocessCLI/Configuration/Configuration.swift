/// What a configuration file says.
struct Configuration: Sendable {
    /// The absolute path of the file.
    let file: String
    /// The ledger's URL or keyword string; nil leaves the choice to libpq's environment and the embedded ledger.
    var database: String?
    /// The schema of the ledger's tables.
    var schema: String?
    var engine = EngineSettings()
    /// The jobs, in the order of the file.
    var jobs: [JobConfiguration] = []

    /// The folder to which relative paths refer.
    var directory: String { Path.parent(of: file) }
}

/// How the engine of one process is set up.
struct EngineSettings: Sendable, Hashable {
    /// The greatest memory of the engine in bytes; nil leaves it to the engine.
    var memoryLimit: Int64?
    /// The engine's own threads; nil leaves it to the engine.
    var threads: Int?
    /// The absolute path of the folder into which queries too big for the memory spill.
    var temporaryDirectory: String?
}

internal import Synchronization

/// The ledger: the only authority on who may do what.
///
/// Every function may be called from many tasks at once. Where the connection breaks, a function connects anew and
/// repeats what it did, which is safe for each of them, until it succeeds or `reconnectTimeout` has passed.
public final class Ledger: Sendable {
    /// Claims, marks and reads.
    let work: LinePool
    /// Heartbeats alone, so that no long statement can starve a lease.
    let pulse: Line
    let worker: WorkerIdentity
    let schema: SchemaName
    /// What connects ahead.
    let ahead = Mutex<[Task<Void, Never>]>([])
    private let server: Server

    /// The number of connections for everything but heartbeats.
    ///
    /// Two, so that a claim does not wait for the marks of what has just ended.
    private static let workLines = 2

    private init(work: LinePool, pulse: Line, worker: WorkerIdentity, schema: SchemaName, server: Server) {
        self.work = work
        self.pulse = pulse
        self.worker = worker
        self.schema = schema
        self.server = server
    }

    /// Connects, and creates or upgrades the schema where needed.
    ///
    /// A server that is not there is an error at once; one that is just starting is waited for.
    public static func open(_ location: LedgerLocation, options: LedgerOptions) async throws -> Ledger {
        try await open(location, options: options, timing: .system)
    }

    static func open(_ location: LedgerLocation, options: LedgerOptions, timing: Timing) async throws -> Ledger {
        switch location {
        case .server(let conninfo):
            return try await connect(Server(conninfo: { conninfo }, variables: options.variables), options, timing)
        case .environment:
            return try await connect(Server(conninfo: { nil }, variables: options.variables), options, timing)
        case .embedded(let projectDirectory):
            let cluster = try await EmbeddedCluster.join(
                projectDirectory: projectDirectory, announce: options.onPreparation)
            do {
                let server = Server(
                    conninfo: { cluster.conninfo }, revive: { _ = try await cluster.revive() },
                    leave: { await cluster.leave() })
                return try await connect(server, options, timing)
            } catch {
                await cluster.leave()
                throw error
            }
        }
    }

    /// Closes the connections and, where this process is its last user, stops the embedded cluster.
    public func close() async {
        await endConnectingAhead()
        await work.close()
        await pulse.session.close()
        await server.leave()
    }

    private static func connect(
        _ server: Server, _ options: LedgerOptions, _ timing: Timing
    ) async throws -> Ledger {
        let schema = try SchemaName(options.schema)
        let connector = Connector(
            conninfo: server.conninfo, variables: server.variables, applicationName: "reprocess \(options.worker)",
            timeout: options.connectTimeout, answerLimit: options.answerTimeout)
        let availability = Availability(report: options.onAvailability)
        let line = { @Sendable (name: String) in
            Line(
                session: Session(label: "reprocess.ledger.\(name)", connector: connector, schema: schema),
                timing: timing, patience: options.reconnectTimeout, availability: availability, revive: server.revive)
        }
        let lines = (1...workLines).map { line("work\($0)") }
        try await lines[0].open(patience: options.connectTimeout)
        return Ledger(
            work: LinePool(lines), pulse: line("pulse"), worker: WorkerIdentity(name: options.worker),
            schema: schema, server: server)
    }

    /// The server as the ledger needs to know it.
    private struct Server: Sendable {
        /// Where it is at the moment; nil leaves that to libpq's environment.
        var conninfo: @Sendable () -> String?
        /// Variables of libpq that do not stand in the environment of the process.
        var variables: [String: String] = [:]
        /// Starts it again where it is gone and this program may.
        var revive: @Sendable () async throws -> Void = {}
        /// Ends its use.
        var leave: @Sendable () async -> Void = {}
    }
}

internal import CLibPQ
internal import Glibc

/// Makes connections.
///
/// Blocks the thread that calls it.
struct Connector: Sendable {
    /// Asked anew for each connection: an embedded server may come back at another place.
    private let conninfo: @Sendable () -> String?
    /// Variables of libpq that do not stand in the environment of the process.
    private let variables: [String: String]
    private let applicationName: String
    /// How long one try may take.
    private let timeout: Duration
    /// How long a statement keeps its plan.
    ///
    /// Planning a claim takes a millisecond or two: once a second is no cost.
    private let planLifetime: Duration
    /// How long a server may be silent before a statement is tried on another connection.
    let answerLimit: Duration

    init(
        conninfo: @escaping @Sendable () -> String?, variables: [String: String] = [:], applicationName: String,
        timeout: Duration, planLifetime: Duration = .seconds(1), answerLimit: Duration = .seconds(60)
    ) {
        self.planLifetime = planLifetime
        self.answerLimit = answerLimit
        self.conninfo = conninfo
        self.variables = variables
        self.applicationName = applicationName
        self.timeout = timeout
    }

    /// Connects, and again without settings in the request where a pooler refuses those.
    func connect(wakeUp: WakeUp, interruption: Interruption?) throws(SessionFailure) -> Connection {
        do {
            return try connect(usesStartupOptions: true, wakeUp, interruption)
        } catch .unconnected(let problem)
            where problem.sqlState == "08P01" && problem.cause.contains("startup parameter")
        {
            return try connect(usesStartupOptions: false, wakeUp, interruption)
        }
    }

    private func connect(
        usesStartupOptions: Bool, _ wakeUp: WakeUp, _ interruption: Interruption?
    ) throws(SessionFailure) -> Connection {
        let address: ServerAddress
        do {
            address = try ServerAddress(
                conninfo: conninfo(), variables: variables, applicationName: applicationName,
                usesStartupOptions: usesStartupOptions)
        } catch {
            throw .permanent(error)
        }
        let keywords = address.parameters.map { Optional($0.keyword) } + [nil]
        let values = address.parameters.map { Optional($0.value) } + [nil]
        let started = withCStrings(keywords) { keywords in
            withCStrings(values) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let started else {
            throw .permanent(LedgerError(.unreachable, "There is no memory left for a connection to PostgreSQL."))
        }
        let handle = ConnectionHandle(owning: started)
        try handle.withPointer { pointer throws(SessionFailure) in
            // In verbose form a refusal says its code, which libpq hands out in no other way at this stage.
            PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
            // libpq prints notices on standard error unless told otherwise; they are of no use to anybody here.
            PQsetNoticeReceiver(pointer, { _, _ in }, nil)
            try establish(pointer, address, wakeUp, interruption)
            try checkVersion(pointer, address)
            PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
            PQsetnonblocking(pointer, 1)
        }
        let place = handle.withPointer { address.redacted(ConnectionProblem.place(of: $0)) }
        return Connection(owning: handle, wakeUp: wakeUp, place: place, planLifetime: planLifetime)
    }

    /// Takes the connection through its stages, each a wait for the socket (docs, "PQconnectPoll").
    private func establish(
        _ pointer: OpaquePointer, _ address: ServerAddress, _ wakeUp: WakeUp, _ interruption: Interruption?
    ) throws(SessionFailure) {
        let deadline = ContinuousClock.now + timeout
        var events = Int16(POLLOUT)
        guard PQstatus(pointer) != CONNECTION_BAD else { throw failure(pointer, address) }
        while true {
            if interruption?.isRequested == true { throw .interrupted }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw failure(pointer, address, cause: "no answer within \(timeout.sentence)") }
            let milliseconds = Int32(clamping: left.milliseconds + 1)
            guard Socket.wait(PQsocket(pointer), for: events, milliseconds: milliseconds, wakeUp: wakeUp) != 0 else {
                continue
            }
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: throw failure(pointer, address)
            }
        }
    }

    private func checkVersion(_ pointer: OpaquePointer, _ address: ServerAddress) throws(SessionFailure) {
        let version = PQserverVersion(pointer)
        guard version < 130_000 else { return }
        throw .permanent(
            LedgerError(
                .refused,
                "PostgreSQL at \(address.redacted(ConnectionProblem.place(of: pointer))) has version "
                    + "\(version / 10_000); the ledger needs 13 or later. Upgrade the server or name another."))
    }

    private func failure(
        _ pointer: OpaquePointer, _ address: ServerAddress, cause: String? = nil
    ) -> SessionFailure {
        let problem = ConnectionProblem(connection: pointer, address: address, cause: cause)
        return .unconnected(problem)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// The number of seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// The duration as a sentence says it: `10 s`.
    var sentence: String {
        self >= .seconds(1) ? "\(components.seconds) s" : "\(milliseconds) ms"
    }
}

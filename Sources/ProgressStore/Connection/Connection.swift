internal import CLibPQ
internal import FaultPoints
internal import Glibc

/// One connection and what is known about it.
///
/// It belongs to one session and blocks the thread that calls it.
final class Connection {
    private let handle: ConnectionHandle
    private let wakeUp: WakeUp
    /// What the connection leads to, for messages.
    let place: String
    private var names = StatementNames()
    private let planLifetime: Duration
    private var mayPrepare = true

    /// How long an interrupted statement may take to end before the connection is given up.
    private static let interruptionLimit: Int32 = 5_000

    init(owning handle: consuming ConnectionHandle, wakeUp: WakeUp, place: String, planLifetime: Duration) {
        self.handle = handle
        self.wakeUp = wakeUp
        self.place = place
        self.planLifetime = planLifetime
    }

    /// Runs a statement and decodes its rows.
    func run<S: Statement>(
        _ statement: S, text: String, interruption: Interruption
    ) throws(SessionFailure) -> [S.Row] {
        let result = try execute(statement, text: text, interruption: interruption)
        do {
            return try result.rows(S.row)
        } catch {
            throw .permanent(error)
        }
    }

    /// Runs SQL of several statements without parameters; the rows are not read.
    func runScript(_ text: String) throws(SessionFailure) {
        try send { PQsendQuery($0, text) }
        _ = try result(interruption: nil)
    }

    /// Runs a statement by name where it comes often.
    ///
    /// Parsing and planning a claim takes as long as carrying it out. A pooler that gives each transaction another
    /// server may not know the name, or know it already: then nothing has been carried out, the statement runs by its
    /// text, and so does everything after it on this connection.
    private func execute<S: Statement>(
        _ statement: S, text: String, interruption: Interruption
    ) throws(SessionFailure) -> ResultHandle {
        let kind = ObjectIdentifier(S.self)
        let parameters = statement.parameters
        let watched = S.isInterruptible ? interruption : nil
        if mayPrepare {
            do throws(SessionFailure) {
                guard let name = try preparedName(kind, text: text) else {
                    return try runText(text, parameters, watched, S.sent)
                }
                try withCStrings(parameters) { values throws(SessionFailure) in
                    try send { PQsendQueryPrepared($0, name, Int32(parameters.count), values, nil, nil, 0) }
                }
                try S.sent?.reach()
                return try result(interruption: watched)
            } catch .server(let error) where Connection.isLossOfName(error) {
                mayPrepare = false
            } catch {
                throw error
            }
        }
        return try runText(text, parameters, watched, S.sent)
    }

    private func runText(
        _ text: String, _ parameters: [String?], _ interruption: Interruption?, _ sent: FaultPoint?
    ) throws(SessionFailure) -> ResultHandle {
        try withCStrings(parameters) { values throws(SessionFailure) in
            try send { PQsendQueryParams($0, text, Int32(parameters.count), nil, values, nil, nil, 0) }
        }
        try sent?.reach()
        return try result(interruption: interruption)
    }

    /// The name by which a statement is to be run now, which is prepared where it has to be; nil to run its text.
    private func preparedName(_ kind: ObjectIdentifier, text: String) throws(SessionFailure) -> String? {
        switch names.next(for: kind, at: .now, lifetime: planLifetime) {
        case .runText:
            return nil
        case .run(let name):
            return name
        case .prepare(let name):
            try send { PQsendPrepare($0, name, text, 0, nil) }
            _ = try result(interruption: nil)
            return name
        case .forget(let name):
            try runScript("DEALLOCATE \(name)")
            return nil
        }
    }

    /// invalid_sql_statement_name, duplicate_prepared_statement, and a plan whose table was altered meanwhile.
    private static func isLossOfName(_ error: ServerError) -> Bool {
        error.sqlState == "26000" || error.sqlState == "42P05"
            || (error.sqlState == "0A000" && error.message.contains("cached plan"))
    }

    // MARK: Sending and waiting

    private func send(_ body: (OpaquePointer) -> Int32) throws(SessionFailure) {
        try handle.withPointer { pointer throws(SessionFailure) in
            guard body(pointer) == 1 else { throw broken(pointer) }
            while true {
                let left = PQflush(pointer)
                if left == 0 { return }
                guard left > 0 else { throw broken(pointer) }
                // The server may send before it has read all: what it sends must be read, or both wait for ever.
                if wait(PQsocket(pointer), for: Int16(POLLIN | POLLOUT)) & Int16(POLLIN) != 0 {
                    guard PQconsumeInput(pointer) == 1 else { throw broken(pointer) }
                }
            }
        }
    }

    /// Waits for everything that the server answers, and returns the last result or throws the first error.
    private func result(interruption: Interruption?) throws(SessionFailure) -> ResultHandle {
        try handle.withPointer { pointer throws(SessionFailure) in
            var last: OpaquePointer?
            var failure: ServerError?
            while true {
                do throws(SessionFailure) {
                    try waitForResult(pointer, interruption)
                } catch {
                    if let last { PQclear(last) }
                    throw error
                }
                guard let next = PQgetResult(pointer) else { break }
                if let last { PQclear(last) }
                last = next
                if failure == nil, PQresultStatus(next) == PGRES_FATAL_ERROR {
                    let handle = ResultHandle(owning: next)
                    last = nil
                    failure = handle.failure
                }
            }
            if let failure {
                if let last { PQclear(last) }
                if PQstatus(pointer) == CONNECTION_BAD { throw .broken(failure) }
                if failure.sqlState == "57014", interruption?.isRequested == true { throw .interrupted }
                throw .server(failure)
            }
            guard let last else { throw broken(pointer) }
            return ResultHandle(owning: last)
        }
    }

    private func waitForResult(_ pointer: OpaquePointer, _ interruption: Interruption?) throws(SessionFailure) {
        var isCancelling = false
        while PQisBusy(pointer) == 1 {
            if let interruption, interruption.isRequested, !isCancelling {
                isCancelling = true
                cancel(pointer)
            }
            let events = wait(
                PQsocket(pointer), for: Int16(POLLIN), milliseconds: isCancelling ? Connection.interruptionLimit : -1)
            if isCancelling, events == 0 { throw .broken(ServerError(sqlState: nil, message: "no answer to a cancel")) }
            guard PQconsumeInput(pointer) == 1 else { throw broken(pointer) }
        }
    }

    /// Asks the server, on a connection of its own, to stop what this one is doing (docs, "Canceling Queries").
    private func cancel(_ pointer: OpaquePointer) {
        guard let request = PQgetCancel(pointer) else { return }
        defer { PQfreeCancel(request) }
        // Where the request does not get through, the wait for its effect ends with the connection.
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(request, &message, Int32(message.count))
    }

    /// Waits until the socket is ready or somebody wakes this thread; returns what the socket is ready for.
    private func wait(_ socket: Int32, for events: Int16, milliseconds: Int32 = -1) -> Int16 {
        Socket.wait(socket, for: events, milliseconds: milliseconds, wakeUp: wakeUp)
    }

    private func broken(_ pointer: OpaquePointer) -> SessionFailure {
        let (state, sentence) = ConnectionProblem.parted(String(cString: PQerrorMessage(pointer)))
        return .broken(ServerError(sqlState: state, message: sentence))
    }
}

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
    private var cancelRequest: CancelRequest?

    /// A request to cancel is still on its way and could hit the next statement: there must be none.
    var isSpent: Bool { cancelRequest?.isSettled == false }

    init(owning handle: consuming ConnectionHandle, wakeUp: WakeUp, place: String, planLifetime: Duration) {
        self.handle = handle
        self.wakeUp = wakeUp
        self.place = place
        self.planLifetime = planLifetime
    }

    /// Runs a statement and decodes its rows; the server may be silent for as long as `limit`.
    func run<S: Statement>(
        _ statement: S, text: String, interruption: Interruption, limit: Duration
    ) throws(SessionFailure) -> [S.Row] {
        let exchange = Exchange(
            interruption: S.isInterruptible ? interruption : nil, limit: limit, sent: S.sent)
        let result = try execute(statement, text: text, exchange)
        do {
            return try result.rows(S.row)
        } catch {
            throw .permanent(error)
        }
    }

    /// Runs SQL of several statements without parameters; the rows are not read.
    func runScript(_ text: String, limit: Duration) throws(SessionFailure) {
        let exchange = Exchange(interruption: nil, limit: limit)
        try send(exchange) { PQsendQuery($0, text) }
        _ = try result(exchange)
    }

    /// What holds for one statement on its way to the server and back.
    private struct Exchange {
        let interruption: Interruption?
        let limit: Duration
        /// The fault point at which it is on its way.
        var sent: FaultPoint?
    }

    /// Runs a statement by name where it comes often.
    ///
    /// Parsing and planning a claim takes as long as carrying it out. A pooler that gives each transaction another
    /// server may not know the name, or know it already: then nothing has been carried out, the statement runs by its
    /// text, and so does everything after it on this connection.
    private func execute<S: Statement>(
        _ statement: S, text: String, _ exchange: Exchange
    ) throws(SessionFailure) -> ResultHandle {
        let kind = ObjectIdentifier(S.self)
        let parameters = statement.parameters
        if mayPrepare {
            do throws(SessionFailure) {
                guard let name = try preparedName(kind, text: text, exchange.limit) else {
                    return try runText(text, parameters, exchange)
                }
                try withCStrings(parameters) { values throws(SessionFailure) in
                    try send(exchange) { PQsendQueryPrepared($0, name, Int32(parameters.count), values, nil, nil, 0) }
                }
                return try result(exchange)
            } catch .server(let error) where Connection.isLossOfName(error) {
                mayPrepare = false
            } catch {
                throw error
            }
        }
        return try runText(text, parameters, exchange)
    }

    private func runText(
        _ text: String, _ parameters: [String?], _ exchange: Exchange
    ) throws(SessionFailure) -> ResultHandle {
        try withCStrings(parameters) { values throws(SessionFailure) in
            try send(exchange) { PQsendQueryParams($0, text, Int32(parameters.count), nil, values, nil, nil, 0) }
        }
        return try result(exchange)
    }

    /// The name by which a statement is to be run now, which is prepared where it has to be; nil to run its text.
    private func preparedName(
        _ kind: ObjectIdentifier, text: String, _ limit: Duration
    ) throws(SessionFailure) -> String? {
        switch names.next(for: kind, at: .now, lifetime: planLifetime) {
        case .runText:
            return nil
        case .run(let name):
            return name
        case .prepare(let name):
            let exchange = Exchange(interruption: nil, limit: limit)
            try send(exchange) { PQsendPrepare($0, name, text, 0, nil) }
            _ = try result(exchange)
            return name
        case .forget(let name):
            try runScript("DEALLOCATE \(name)", limit: limit)
            return nil
        }
    }

    /// invalid_sql_statement_name, duplicate_prepared_statement, and a plan whose table was altered meanwhile.
    private static func isLossOfName(_ error: ServerError) -> Bool {
        error.sqlState == "26000" || error.sqlState == "42P05"
            || (error.sqlState == "0A000" && error.message.contains("cached plan"))
    }

    // MARK: Sending and waiting

    private func send(_ exchange: Exchange, _ body: (OpaquePointer) -> Int32) throws(SessionFailure) {
        try handle.withPointer { pointer throws(SessionFailure) in
            guard body(pointer) == 1 else { throw broken(pointer) }
            var watch = AnswerWatch(limit: exchange.limit)
            while true {
                let left = PQflush(pointer)
                if left == 0 { return }
                guard left > 0 else { throw broken(pointer) }
                // What the server has only in part cannot be cancelled.
                guard case .wait(let time) = watch.next(isInterrupted: false) else { throw .silent(exchange.limit) }
                let events = wait(PQsocket(pointer), for: Int16(POLLIN | POLLOUT), milliseconds: time)
                if events != 0 { watch.heard() }
                // The server may send before it has read all: what it sends must be read, or both wait for ever.
                if events & Int16(POLLIN) != 0 {
                    guard PQconsumeInput(pointer) == 1 else { throw broken(pointer) }
                }
            }
        }
    }

    /// Waits for everything that the server answers, and returns the last result or throws the first error.
    private func result(_ exchange: Exchange) throws(SessionFailure) -> ResultHandle {
        try exchange.sent?.reach()
        return try handle.withPointer { pointer throws(SessionFailure) in
            var watch = AnswerWatch(limit: exchange.limit)
            var last: OpaquePointer?
            var failure: ServerError?
            while true {
                do throws(SessionFailure) {
                    try waitForResult(pointer, exchange, &watch)
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
                guard failure.sqlState == "57014", let reason = watch.stopping else { throw .server(failure) }
                throw reason == .interruption ? .interrupted : .silent(exchange.limit)
            }
            guard let last else { throw broken(pointer) }
            return ResultHandle(owning: last)
        }
    }

    private func waitForResult(
        _ pointer: OpaquePointer, _ exchange: Exchange, _ watch: inout AnswerWatch
    ) throws(SessionFailure) {
        while PQisBusy(pointer) == 1 {
            switch watch.next(isInterrupted: exchange.interruption?.isRequested == true) {
            case .cancel:
                cancelRequest = CancelRequest(stopping: pointer)
            case .giveUp:
                throw watch.stopping == .interruption
                    ? .broken(ServerError(sqlState: nil, message: "no answer to a cancel"))
                    : .silent(exchange.limit)
            case .wait(let time):
                guard wait(PQsocket(pointer), for: Int16(POLLIN), milliseconds: time) != 0 else { continue }
                watch.heard()
                guard PQconsumeInput(pointer) == 1 else { throw broken(pointer) }
            }
        }
    }

    /// Waits until the socket is ready, time is up or somebody wakes this thread; returns what the socket is ready for.
    private func wait(_ socket: Int32, for events: Int16, milliseconds: Int32) -> Int16 {
        Socket.wait(socket, for: events, milliseconds: milliseconds, wakeUp: wakeUp)
    }

    private func broken(_ pointer: OpaquePointer) -> SessionFailure {
        let (state, sentence) = ConnectionProblem.parted(String(cString: PQerrorMessage(pointer)))
        return .broken(ServerError(sqlState: state, message: sentence))
    }
}

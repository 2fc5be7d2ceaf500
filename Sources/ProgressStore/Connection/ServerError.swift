/// An error as the server told it, without its detail, which may echo values.
struct ServerError: Error, Sendable, Equatable {
    /// The five characters of the error's class and kind (PostgreSQL docs, appendix A); nil where the connection broke.
    let sqlState: String?
    /// The server's sentence.
    let message: String
}

/// Why a try to run a statement brought no rows.
enum SessionFailure: Error, Sendable {
    /// There is no connection and none could be made; nothing was sent.
    case unconnected(ConnectionProblem)
    /// The connection broke after something was sent: whether the statement took effect is unknown.
    case broken(ServerError)
    /// The server owed an answer and was silent for so long: whether the statement took effect is unknown.
    case silent(Duration)
    /// The server answered with an error, and the statement took no effect.
    case server(ServerError)
    /// The calling task was cancelled.
    case interrupted
    /// What cannot be helped by trying again.
    case permanent(LedgerError)

    /// The statement may have taken effect, and its answer is lost.
    var leavesDoubt: Bool {
        switch self {
        case .broken, .silent: true
        case .server, .unconnected, .interrupted, .permanent: false
        }
    }
}

/// What is to be done about a failed try.
enum Remedy: Sendable, Equatable {
    /// Connect anew, after a pause, and try again.
    case reconnect
    /// Try again on the same connection, after a pause, as often as time allows.
    case retry
    /// Try again a few times.
    case retryBriefly
    /// Tell the user.
    case giveUp

    /// Chooses by the server's code of the error (PostgreSQL docs, appendix A); nil means that the connection broke.
    init(sqlState: String?) {
        guard let sqlState else {
            self = .reconnect
            return
        }
        switch sqlState {
        // read_only_sql_transaction: the address points at a standby since a failover.
        case "25006", "25P03", "57P01", "57P02", "57P03", "57P05":
            self = .reconnect
        // serialization_failure, deadlock_detected, lock_not_available; and unique_violation, which says that another
        // job has claimed the same partition of the table in the same instant.
        case "40001", "40P01", "55P03", "23505":
            self = .retry
        // query_canceled, by a timeout or a person, not by this program.
        case "57014":
            self = .retryBriefly
        case let code where code.hasPrefix("08") || code.hasPrefix("53"):
            self = .reconnect
        default:
            self = .giveUp
        }
    }
}

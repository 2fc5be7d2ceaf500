extension SessionFailure {
    /// What is to be done.
    var remedy: Remedy {
        switch self {
        case .unconnected(let problem): problem.isRefusal ? .giveUp : .reconnect
        case .broken, .silent: .reconnect
        case .server(let error): Remedy(sqlState: error.sqlState)
        case .interrupted, .permanent: .giveUp
        }
    }

    /// The failure as the caller of the ledger sees it.
    var ledgerError: LedgerError {
        switch self {
        case .unconnected(let problem):
            problem.error
        case .broken(let error):
            LedgerError(
                .unreachable,
                "The connection to the ledger's database broke: \(error.sentence). Run the command again.",
                sqlState: error.sqlState)
        case .silent(let limit):
            LedgerError(
                .unreachable,
                "The ledger's database took a request and gave no answer within \(limit.sentence). Look for a dead "
                    + "connection, a lock or an overloaded server, and run the command again.")
        case .server(let error):
            LedgerError(
                .refused, "PostgreSQL refused what was asked of the ledger: \(error.sentence). \(error.advice)",
                sqlState: error.sqlState)
        case .interrupted:
            LedgerError(.interrupted, "The work on the ledger was interrupted.")
        case .permanent(let error):
            error
        }
    }

    /// The failure that ended a series of tries.
    func ledgerError(after time: Duration) -> LedgerError {
        let last = ledgerError
        guard remedy == .reconnect else { return last }
        return LedgerError(
            .unreachable, "The ledger's database was gone for \(time.sentence). \(last.message)",
            sqlState: last.sqlState)
    }
}

extension ServerError {
    /// The server's sentence, cut and without a full stop.
    fileprivate var sentence: String {
        let text = ErrorText.cleaned(message, limit: 500)
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    fileprivate var advice: String {
        switch sqlState {
        case "42501":
            "Ask the ledger's owner for one of its roles ('reprocess roles' shows which there are and who has them), or "
                + "connect as the owner."
        case "55P03": "Somebody holds a lock on the ledger's tables: look into pg_locks and run the command again."
        case "57014": "The server's statement_timeout may be too short."
        case "53100", "53200": "The server is out of disk or memory: free some and run the command again."
        case "42P01", "42703", "42883", "3F000":
            "The ledger's tables are not what this program made: look for changes by hand."
        default: "The code is \(sqlState ?? "unknown")."
        }
    }
}

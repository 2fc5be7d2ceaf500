internal import CLibPQ

/// Why a connection could not be made, put for the user.
struct ConnectionProblem: Sendable {
    /// Host and port, or socket folder, and database.
    let place: String
    /// The cause in the words of libpq or the server, without what libpq puts before it and the password.
    let cause: String
    /// The server's code, where a server answered.
    let sqlState: String?
    /// A server answered, and said no.
    let isRefusal: Bool
    /// A server answered, and takes no writes: a standby, which may be promoted at any moment.
    let isReadOnly: Bool

    /// Reads what libpq knows about a connection that failed.
    init(connection: OpaquePointer, address: ServerAddress, cause ownCause: String? = nil) {
        place = address.redacted(ConnectionProblem.place(of: connection))
        let text = ownCause ?? String(cString: PQerrorMessage(connection))
        let (state, sentence) = ConnectionProblem.parted(text)
        sqlState = state
        // With several hosts each has its line; libpq words this one itself (docs, "target_session_attrs").
        isReadOnly = ["session is read-only", "server is in hot standby mode"].contains { text.contains($0) }
        cause = ErrorText.cleaned(address.redacted(sentence), limit: 500)
        // libpq itself refuses to go on where the server asks for a password and there is none.
        isRefusal = (state != nil && Remedy(sqlState: state) == .giveUp) || PQconnectionNeedsPassword(connection) == 1
    }

    /// The whole as the error that ends the try.
    var error: LedgerError {
        guard isRefusal else {
            return LedgerError(.unreachable, unreachable, sqlState: sqlState)
        }
        return LedgerError(
            .refused, "PostgreSQL at \(place) refused the connection: \(cause). \(advice)", sqlState: sqlState)
    }

    private var unreachable: String {
        if isReadOnly {
            return "PostgreSQL at \(place) takes no writes: \(cause). Name the primary, or list all hosts "
                + "(host=a,b); after a failover, wait until the standby has been promoted."
        }
        switch sqlState {
        case "53300":
            return "PostgreSQL at \(place) has no connection left: \(cause). Raise max_connections or the role's "
                + "CONNECTION LIMIT, end idle sessions, or put a pooler in front; a process uses up to three."
        case "57P03":
            return "PostgreSQL at \(place) takes no connections yet: \(cause). Run the command again when it has "
                + "started."
        default:
            return "PostgreSQL cannot be reached at \(place): \(cause). Check that the server runs there and that the "
                + "address is right."
        }
    }

    private var advice: String {
        switch sqlState {
        case "3D000": "Create the database, or correct its name."
        case "28000": "Check the user name and the server's pg_hba.conf."
        default: "Check user name and password; the password may come from PGPASSWORD or ~/.pgpass."
        }
    }

    /// Names where a connection leads to.
    static func place(of connection: OpaquePointer) -> String {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let port = PQport(connection).map { String(cString: $0) } ?? ""
        let database = PQdb(connection).map { String(cString: $0) } ?? ""
        // An absolute path, or an abstract name, is a folder of Unix sockets (docs, "host").
        let isSocket = host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@")
        let server =
            isSocket
            ? "socket folder \"\(host.isEmpty ? "(default)" : host)\", port \(port)" : "host \"\(host)\", port \(port)"
        return database.isEmpty ? server : "\(server), database \"\(database)\""
    }

    /// Takes code and sentence out of `connection to server at "h" (1.2.3.4), port 5432 failed: FATAL:  28P01: text`.
    ///
    /// libpq hands out the code of an error during connecting in no other way than in its text, in verbose form.
    static func parted(_ text: String) -> (sqlState: String?, sentence: String) {
        var sentence = text.prefix { $0 != "\n" }[...]
        if let failed = sentence.firstRange(of: " failed: ") { sentence = sentence[failed.upperBound...] }
        let pieces = sentence.split(separator: ":  ", maxSplits: 1)
        if pieces.count == 2, pieces[1].count > 7 {
            let code = pieces[1].prefix(5)
            let isCode = code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            if isCode, pieces[1].dropFirst(5).hasPrefix(": ") {
                return (String(code), withoutPeriod(pieces[1].dropFirst(7)))
            }
        }
        return (nil, withoutPeriod(sentence))
    }

    private static func withoutPeriod(_ text: Substring) -> String {
        text.isEmpty ? "no answer" : String(text.hasSuffix(".") ? text.dropLast() : text)
    }
}

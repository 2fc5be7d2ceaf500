internal import CLibPQ
internal import Glibc

/// Where the server is, as parameters for libpq, with this program's defaults where the user set none.
///
/// Nothing of what the user wrote goes into an error message here: a password with a stray character can turn up in
/// any part of a URL.
struct ServerAddress: Sendable {
    /// Parameters in the order in which they are given to libpq.
    let parameters: [(keyword: String, value: String)]
    /// What must never be shown.
    let secrets: [String]

    /// Reads a URL or keyword string; nil leaves everything to libpq's environment.
    ///
    /// - Parameters:
    ///   - conninfo: What the user wrote.
    ///   - variables: Variables of libpq that do not stand in the environment of the process, and count like those.
    ///   - applicationName: What the server shows of this process.
    ///   - usesStartupOptions: Whether settings travel with the connection request, which some poolers refuse.
    /// - Throws: `LedgerError` of code `refused` where the text is no address.
    init(
        conninfo: String?, variables: [String: String] = [:], applicationName: String, usesStartupOptions: Bool
    ) throws(LedgerError) {
        var chosen: [(keyword: String, value: String)] = []
        if let conninfo {
            try ServerAddress.checkURL(conninfo)
            chosen = try ServerAddress.parsed(conninfo)
        }
        for value in ServerVariables.parameters(variables)
        where !chosen.contains(where: { $0.keyword == value.keyword }) {
            chosen.append(value)
        }
        let environmentPassword = getenv("PGPASSWORD").map { String(cString: $0) }
        secrets =
            chosen.filter { ["password", "sslpassword"].contains($0.keyword) }.map(\.value)
            + [environmentPassword].compactMap { $0 }.filter { !$0.isEmpty }
        let defaults = ServerAddress.defaults(
            applicationName: applicationName, usesStartupOptions: usesStartupOptions,
            hasService: ServerAddress.hasService(chosen))
        for value in defaults where !chosen.contains(where: { $0.keyword == value.keyword }) {
            chosen.append(value)
        }
        parameters = chosen
    }

    /// What is set where neither the user nor the environment did (PostgreSQL docs, "Parameter Key Words").
    private static func defaults(
        applicationName: String, usesStartupOptions: Bool, hasService: Bool
    ) -> [(keyword: String, value: String)] {
        var defaults = [
            (keyword: "fallback_application_name", value: applicationName),
            (keyword: "client_encoding", value: "UTF8"),
        ]
        // A service may set any of what follows, and only libpq reads it.
        guard !hasService else { return defaults }
        // A peer that is gone without a word is noticed within a minute.
        defaults += [
            (keyword: "keepalives_idle", value: "30"),
            (keyword: "keepalives_interval", value: "10"),
            (keyword: "keepalives_count", value: "3"),
            (keyword: "tcp_user_timeout", value: "30000"),
        ]
        // After a failover the address may lead to a standby, where each write would fail.
        if getenv("PGTARGETSESSIONATTRS") == nil {
            defaults.append((keyword: "target_session_attrs", value: "read-write"))
        }
        // Every statement works without them; the lock timeout makes a wait for somebody's table lock visible. Planning
        // a claim of one partition anew takes the server three times as long as carrying it out, and compiling it longer.
        if usesStartupOptions, getenv("PGOPTIONS") == nil {
            defaults.append(
                (
                    keyword: "options",
                    value: "-c search_path=pg_catalog -c TimeZone=UTC -c client_min_messages=warning "
                        + "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
                        + "-c plan_cache_mode=force_generic_plan -c jit=off"
                ))
        }
        return defaults
    }

    private static func hasService(_ chosen: [(keyword: String, value: String)]) -> Bool {
        getenv("PGSERVICE") != nil || chosen.contains { $0.keyword == "service" }
    }

    private static func parsed(_ conninfo: String) throws(LedgerError) -> [(keyword: String, value: String)] {
        guard let options = PQconninfoParse(conninfo, nil) else { throw malformed }
        defer { PQconninfoFree(options) }
        var values: [(keyword: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        if let ports = values.first(where: { $0.keyword == "port" })?.value {
            let numbers = ports.split(separator: ",", omittingEmptySubsequences: false)
            guard numbers.allSatisfy({ $0.isEmpty || UInt16($0).map { $0 > 0 } == true }) else { throw malformed }
        }
        return values
    }

    /// Refuses a URL whose password has characters that end the password for libpq, so that the rest of it would be
    /// taken, and shown, for a host, a port or a database.
    private static func checkURL(_ conninfo: String) throws(LedgerError) {
        guard let scheme = ["postgresql://", "postgres://"].first(where: { conninfo.hasPrefix($0) }) else { return }
        let rest = conninfo.dropFirst(scheme.count)
        let beforeQuery = rest.prefix { $0 != "?" }
        let authority = beforeQuery.prefix { $0 != "/" }
        let ats = beforeQuery.filter { $0 == "@" }.count
        guard ats <= 1, ats == authority.filter({ $0 == "@" }).count else {
            throw LedgerError(
                .refused,
                "The address of the database cannot be read: in a URL, a character such as '/', '@', ':' or '?' in the "
                    + "user name, password or database must be percent-encoded ('/' is %2F, '@' is %40).")
        }
    }

    private static let malformed = LedgerError(
        .refused,
        "The address of the database cannot be read. Write it as postgresql://user@host:5432/database or as "
            + "host=… port=… dbname=…; in a URL, a character such as '/', '@' or '%' in the password must be "
            + "percent-encoded ('/' is %2F, '@' is %40).")

    /// The text with every secret taken out.
    func redacted(_ text: String) -> String {
        secrets.reduce(text) { shown, secret in
            secret.isEmpty
                ? shown : shown.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
        }
    }
}

internal import Foundation
internal import ProgressStore

/// Decides where the ledger is, and how that is told without a password.
enum LedgerChoice {
    /// libpq's variables that name a server (PostgreSQL documentation, 34.15 Environment Variables).
    private static let serverVariables = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGPORT", "PGDATABASE"]

    /// The ledger's place: what was given, else libpq's environment where it names a server, else the embedded one.
    static func location(
        given: String?, environment: [String: String], projectDirectory: String
    ) -> LedgerLocation {
        if let given { return .server(conninfo: given) }
        let isNamed = serverVariables.contains { environment[$0]?.isEmpty == false }
        return isNamed ? .environment : .embedded(projectDirectory: projectDirectory)
    }

    /// The place for people: host, port and database, and nothing else of what was given.
    static func describe(_ location: LedgerLocation, schema: String, environment: [String: String]) -> String {
        let suffix = schema == "reprocess" ? "" : ", schema \(schema)"
        switch location {
        case .embedded(let directory): return "embedded, in \(directory)/.reprocess/postgres\(suffix)"
        case .environment:
            let host = environment["PGHOST"] ?? environment["PGSERVICE"].map { "service \($0)" } ?? "the default host"
            return "PostgreSQL at \(host), from the environment\(suffix)"
        case .server(let conninfo): return "PostgreSQL at \(server(conninfo))\(suffix)"
        }
    }

    private static func server(_ conninfo: String) -> String {
        if conninfo.hasPrefix("postgres://") || conninfo.hasPrefix("postgresql://") {
            // What stands before the last @ may hold a password, also in a URL that is no valid one.
            let authority = conninfo.drop { $0 != ":" }.dropFirst(3)
            let address = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
            let place = address.prefix { $0 != "?" }
            return place.isEmpty || place == "/" ? "the default host" : String(place)
        }
        // Quoted values may hold anything, a password that looks like a host too.
        guard !conninfo.contains("'"), !conninfo.contains("\\") else { return "a server given by its parameters" }
        let pairs = conninfo.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let values = ["host", "hostaddr", "port", "dbname"].compactMap { key in
            pairs.first { $0.count == 2 && $0[0] == key }.map { "\(key)=\($0[1])" }
        }
        return values.isEmpty ? "the default host" : values.joined(separator: " ")
    }
}

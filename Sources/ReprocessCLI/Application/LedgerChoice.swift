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
    static func describe(
        _ location: LedgerLocation, schema: String, environment: [String: String],
        paths: MessagePaths = .unchanged
    ) -> String {
        let suffix = schema == "reprocess" ? "" : ", schema \(schema)"
        switch location {
        case .embedded(let directory):
            return "embedded, in " + paths.shortened("\(directory)/.reprocess/postgres") + suffix
        case .environment:
            return "PostgreSQL at \(server(ServerPlace(conninfo: ""), environment))\(suffix)"
        case .server(let conninfo):
            guard let place = ServerPlace(conninfo: conninfo) else { return "PostgreSQL\(suffix)" }
            return "PostgreSQL at \(server(place, environment))\(suffix)"
        }
    }

    /// The server, with libpq's environment where the address leaves something open, as libpq itself does.
    private static func server(_ place: ServerPlace?, _ environment: [String: String]) -> String {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let database = (place?.database ?? variable("PGDATABASE")).map { ", database \($0)" } ?? ""
        let host = place?.host ?? variable("PGHOST") ?? variable("PGHOSTADDR")
        let port = place?.port ?? variable("PGPORT")
        guard let host else {
            let service = place?.service ?? variable("PGSERVICE")
            let name = service.map { "the service '\($0)'" } ?? "the default host"
            return name + (port.map { ", port \($0)" } ?? "") + database
        }
        // A path is the folder of a socket, which has a port in its name (PostgreSQL docs, "Parameter Key Words").
        if host.hasPrefix("/") { return "the socket in \(host)\(port.map { ", port \($0)" } ?? "")\(database)" }
        let name = host.contains(":") ? "[\(host)]" : host
        return name + (port.map { ":\($0)" } ?? "") + database
    }
}

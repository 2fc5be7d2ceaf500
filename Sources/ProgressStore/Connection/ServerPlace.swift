/// Where a server is, as far as its address says so: what may be shown of it.
package struct ServerPlace: Sendable, Hashable {
    /// A host's name, or the folder of a socket.
    package let host: String?
    /// The port, where one is given.
    package let port: String?
    /// The database, where one is given.
    package let database: String?
    /// The service of libpq's service file, where one is given.
    package let service: String?

    /// Reads a URL or keyword string; nil where libpq could not read it either.
    package init?(conninfo: String) {
        guard
            let address = try? ServerAddress(conninfo: conninfo, applicationName: "", usesStartupOptions: false)
        else { return nil }
        func value(_ keyword: String) -> String? {
            address.parameters.first { $0.keyword == keyword && !$0.value.isEmpty }?.value
        }
        host = value("host") ?? value("hostaddr")
        port = value("port")
        database = value("dbname")
        service = value("service")
    }
}

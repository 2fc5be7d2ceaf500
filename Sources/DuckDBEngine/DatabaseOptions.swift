/// Settings of a database instance, which all its connections share.
package struct DatabaseOptions: Sendable, Hashable {
    /// The greatest memory that DuckDB's buffers may take, as DuckDB writes it (`4GB`); nil leaves it at 80 % of RAM.
    package var memoryLimit: String?
    /// The threads that work on queries, the ones that call included; nil means one a core.
    package var threads: Int?
    /// Where DuckDB puts what does not fit into memory.
    package var temporaryDirectory: String?

    package init(memoryLimit: String? = nil, threads: Int? = nil, temporaryDirectory: String? = nil) {
        self.memoryLimit = memoryLimit
        self.threads = threads
        self.temporaryDirectory = temporaryDirectory
    }

    /// The settings by DuckDB's names.
    ///
    /// Nothing is fetched from the network: extensions load by themselves only from where set-up put them. Errors come
    /// as JSON, which tells their kind and position apart from text that may quote a row.
    package func settings(extensionDirectory: String?) -> [String: String] {
        var settings = [
            "errors_as_json": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "true",
            "allow_community_extensions": "false",
        ]
        settings["extension_directory"] = extensionDirectory
        settings["memory_limit"] = memoryLimit
        settings["threads"] = threads.map(String.init)
        settings["temp_directory"] = temporaryDirectory
        return settings
    }
}

/// What an embedded server is told when it starts.
///
/// It serves one project: modest, and quick to start.
struct ServerSettings: Sendable {
    let socketFolder: String

    /// The settings, as arguments of the program.
    ///
    /// They are no part of the data folder, so newer ones hold at the next start.
    var arguments: [String] {
        let settings = [
            "listen_addresses=",
            "unix_socket_directories=\(socketFolder)",
            "unix_socket_permissions=0700",
            "port=5432",
            "max_connections=100",
            "shared_buffers=32MB",
            "huge_pages=off",
            "max_wal_size=256MB",
            "min_wal_size=32MB",
            // No replica reads along.
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_logical_replication_workers=0",
            // Compiling a statement of the ledger takes longer than running it.
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
            "lc_messages=C",
            "log_destination=stderr",
            "logging_collector=off",
            "log_checkpoints=off",
            // What the server does itself. Errors of statements go to the client alone: they can quote data.
            "log_min_messages=log",
            "log_min_error_statement=panic",
        ]
        return settings.flatMap { ["-c", $0] }
    }
}

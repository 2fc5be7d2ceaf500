/// What a worker asks of the server, told by a text that only this statement of the ledger has.
enum RequestKind: String, CaseIterable {
    case claim = "'LOST'"
    case complete = "'ADOPTED'"
    case recordBatch = "batch_checkpoint (job"
    case heartbeat = "last_heartbeat_at"
    case openRun = "ON CONFLICT (request_id)"

    /// Reads the kind off a statement's SQL; nil for any other.
    init?(sql: [UInt8]) {
        guard let kind = RequestKind.allCases.first(where: { sql.firstRange(of: Array($0.rawValue.utf8)) != nil })
        else { return nil }
        self = kind
    }
}

/// The functions by which programs in other languages claim.
///
/// They carry the program's own statements, so that the rules of claims are written once. That is why they are made anew
/// after every migration: whoever changes one of these statements adds a migration, for the ledgers in use.
enum LedgerFunctions {
    /// The statements that the functions run, by the names under which they include them.
    static let statements: [String: [UInt8]] = [
        "claim": ClaimStatement.source, "claimed_batch": ClaimedBatch.source, "complete": CompleteStatement.source,
        "fail": FailStatement.source, "heartbeat": HeartbeatStatement.source, "release": ReleaseStatement.source,
        "standing": Standing.source,
    ]

    /// What makes the functions, or replaces them.
    static func script(schema: SchemaName) -> String {
        let marker = "-- include "
        return String(decoding: PackageResources.functions_sql, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                guard line.hasPrefix(marker), let source = statements[String(line.dropFirst(marker.count))] else {
                    return SQLText.rendered(Array(line.utf8), schema: schema)
                }
                return SQLText.statement(source, schema: schema)
            }
            .joined(separator: "\n")
    }
}

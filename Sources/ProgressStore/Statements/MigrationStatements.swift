/// Reads the version of the ledger's schema.
struct SchemaVersion: Statement {
    static let source = PackageResources.schema_version_sql
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int? {
        try row.integer(0).map { Int($0) }
    }
}

/// Reads who owns the ledger.
struct SchemaOwner: Statement {
    static let source = PackageResources.schema_owner_sql
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> String { try row.requiredText(0) }
}

/// Writes the bookkeeping row of a migration.
struct RecordMigration: Statement {
    static let source = PackageResources.record_migration_sql
    let version: Int
    var parameters: [String?] { ["\(version)"] }

    static func row(_ row: RowReader) throws(LedgerError) {}
}

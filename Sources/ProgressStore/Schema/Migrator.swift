internal import FaultPoints

/// Brings the ledger's schema to the version of this program.
struct Migrator {
    private let connection: Connection
    private let schema: SchemaName
    private let interruption: Interruption

    init(connection: Connection, schema: SchemaName, wakeUp: WakeUp) {
        self.connection = connection
        self.schema = schema
        interruption = Interruption(waking: wakeUp)
    }

    /// Carries out the steps that are missing, each process that starts at the same time waiting for the first.
    ///
    /// Where a step fails, the caller drops the connection, and with it the transaction.
    func upgrade(from found: Int?) throws(SessionFailure) {
        switch SchemaStanding(found: found) {
        case .current: return
        case .newer(let version): throw .permanent(newer(version))
        case .behind: break
        }
        try connection.runScript("BEGIN")
        do throws(SessionFailure) {
            try connection.runScript(SQLText.rendered(PackageResources.begin_migration_sql, schema: schema))
            let version = try version()
            if case .newer(let version) = SchemaStanding(found: version) { throw .permanent(newer(version)) }
            try carryOut(after: version ?? 0)
            try FaultPoint.migrating.reach()
            try connection.runScript("COMMIT")
            try FaultPoint.migrated.reach()
        } catch .server(let error) where Remedy(sqlState: error.sqlState) == .giveUp {
            try connection.runScript("ROLLBACK")
            throw .server(error)
        } catch {
            throw error
        }
    }

    /// The version is read again under the lock: another process may have done everything meanwhile.
    private func carryOut(after version: Int) throws(SessionFailure) {
        for migration in Migration.all where migration.version > version {
            // The bookkeeping row first: a step that was carried out by somebody else cannot be repeated.
            _ = try connection.run(
                RecordMigration(version: migration.version), text: text(of: RecordMigration.self),
                interruption: interruption)
            try connection.runScript(SQLText.rendered(migration.source, schema: schema))
        }
    }

    private func version() throws(SessionFailure) -> Int? {
        try connection.run(SchemaVersion(), text: text(of: SchemaVersion.self), interruption: interruption).first ?? nil
    }

    private func text<S: Statement>(of statement: S.Type) -> String {
        SQLText.statement(S.source, schema: schema)
    }

    private func newer(_ version: Int) -> LedgerError {
        LedgerError(
            .newerSchema,
            "The ledger in schema '\(schema.text)' has version \(version), and this program knows version "
                + "\(Migration.current) at most. Upgrade reprocess on this machine; nothing was changed.")
    }
}

internal import FaultPoints

/// Brings the ledger's schema to the version of this program.
struct Migrator {
    private let connection: Connection
    private let schema: SchemaName
    private let interruption: Interruption
    private let answerLimit: Duration

    /// How long a step, or another process that migrates, may take.
    private static let patience = Duration.seconds(3600)

    init(connection: Connection, schema: SchemaName, wakeUp: WakeUp, answerLimit: Duration) {
        self.connection = connection
        self.schema = schema
        interruption = Interruption(waking: wakeUp)
        self.answerLimit = answerLimit
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
        try runScript("BEGIN")
        do throws(SessionFailure) {
            try runScript(SQLText.rendered(PackageResources.begin_migration_sql, schema: schema))
            let version = try version()
            if case .newer(let version) = SchemaStanding(found: version) { throw .permanent(newer(version)) }
            try carryOut(after: version ?? 0)
            try renewGrants()
            try FaultPoint.migrating.reach()
            try runScript("COMMIT")
            try FaultPoint.migrated.reach()
        } catch .server(let error) {
            // Also where it is tried again: the next try begins anew on this connection.
            try runScript("ROLLBACK")
            guard error.sqlState == "42501" else { throw .server(error) }
            throw .permanent(try lackOfRights(error, found: found))
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
                interruption: interruption, limit: answerLimit)
            try runScript(SQLText.rendered(migration.source, schema: schema))
        }
        // After the last step, whichever it was: the functions run today's statements, which want today's columns.
        if version < Migration.current { try runScript(LedgerFunctions.script(schema: schema)) }
    }

    /// Gives the roles that were made for this ledger their rights on what is new in it.
    private func renewGrants() throws(SessionFailure) {
        // A name that is too long for roles has none.
        guard let script = try? RolesScript(schema: schema) else { return }
        try runScript(script.grants)
    }

    private func version() throws(SessionFailure) -> Int? {
        try connection.run(
            SchemaVersion(), text: text(of: SchemaVersion.self), interruption: interruption, limit: answerLimit
        ).first ?? nil
    }

    private func runScript(_ text: String) throws(SessionFailure) {
        try connection.runScript(text, limit: Migrator.patience)
    }

    private func text<S: Statement>(of statement: S.Type) -> String {
        SQLText.statement(S.source, schema: schema)
    }

    private func lackOfRights(_ error: ServerError, found: Int?) throws(SessionFailure) -> LedgerError {
        let owner = try connection.run(
            SchemaOwner(), text: text(of: SchemaOwner.self), interruption: interruption, limit: answerLimit
        ).first
        let cause = ErrorText.cleaned(error.message, limit: 500)
        guard let found, let owner else {
            return LedgerError(
                .refused,
                "There is no ledger in schema '\(schema.text)' and this user may not make one: \(cause). Have a user "
                    + "who may run 'reprocess status' once, then 'reprocess roles --create', and grant this one a role.",
                sqlState: error.sqlState)
        }
        return LedgerError(
            .refused,
            "The ledger in schema '\(schema.text)' has version \(found) and this program needs \(Migration.current), but "
                + "this user may not upgrade it: \(cause). Have its owner '\(owner)' run 'reprocess status' once with this "
                + "version of the program.", sqlState: error.sqlState)
    }

    private func newer(_ version: Int) -> LedgerError {
        LedgerError(
            .newerSchema,
            "The ledger in schema '\(schema.text)' has version \(version), and this program knows version "
                + "\(Migration.current) at most. Upgrade reprocess on this machine; nothing was changed.")
    }
}

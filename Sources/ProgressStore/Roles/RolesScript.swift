/// The SQL that makes the roles of a ledger, or brings them up to date.
///
/// It may run again and again: each role ends with the rights of `LedgerRights` and no others.
struct RolesScript: Sendable {
    private let schema: SchemaName

    /// Takes the ledger's schema.
    ///
    /// - Throws: `LedgerError` where the name leaves no room for the roles'.
    init(schema: SchemaName) throws(LedgerError) {
        let longest = LedgerRole.allCases.map { $0.name(in: schema).utf8.count }.max() ?? 0
        // PostgreSQL cuts identifiers at 63 bytes, and two of the roles could become one.
        guard longest <= 63 else {
            throw LedgerError(
                .refused,
                "The name of the schema '\(schema.text)' is too long for its roles, which add "
                    + "'_\(LedgerRole.dashboard.rawValue)': use \(63 - (longest - schema.text.utf8.count)) characters at "
                    + "most.")
        }
        self.schema = schema
    }

    /// Everything, for a connection that sends it as one request, and so as one transaction.
    var text: String { ([lock] + LedgerRole.allCases.map(creation) + [dashboardLimits, usage, grants]).joined() }

    /// What gives each role that has been made for this ledger its rights; after an upgrade, too.
    ///
    /// A role of the same name that another database made has no rights here until this ledger's owner says so.
    var grants: String {
        let blocks = LedgerRole.allCases.map { role in
            """
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role.name(in: schema))'
                    AND has_schema_privilege(oid, '\(schema.text)', 'USAGE')) THEN
            \(statements(for: role).map { "    \($0);\n" }.joined())END IF;

            """
        }
        return "DO $$\nBEGIN\n\(blocks.joined())END $$;\n"
    }

    /// One creation at a time, and none beside a migration: grants change the same rows of the catalogue.
    private var lock: String {
        "SELECT pg_advisory_xact_lock(('x' || left(md5('ledger ' || '\(schema.quoted)'), 16))::bit(64)::bigint);\n"
    }

    private func creation(of role: LedgerRole) -> String {
        let name = role.name(in: schema)
        return """
            DO $$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(name)') THEN CREATE ROLE "\(name)" NOLOGIN; END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- Made by somebody else meanwhile, for another database.
            END $$;

            """
    }

    /// Settings hold for whoever logs in as the role itself.
    ///
    /// Members bring their own. What an administrator has set stays.
    private var dashboardLimits: String {
        let name = LedgerRole.dashboard.name(in: schema)
        return """
            DO $$
            BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = '\(name)' AND rolconnlimit = -1 AND rolconfig IS NULL)
                THEN
                    ALTER ROLE "\(name)" CONNECTION LIMIT 10;
                    ALTER ROLE "\(name)" SET default_transaction_read_only = on;
                    ALTER ROLE "\(name)" SET statement_timeout = '5s';
                END IF;
            END $$;

            """
    }

    private var usage: String {
        let names = LedgerRole.allCases.map { "\"\($0.name(in: schema))\"" }.joined(separator: ", ")
        return """
            GRANT USAGE ON SCHEMA \(schema.quoted) TO \(names);

            """
    }

    private func statements(for role: LedgerRole) -> [String] {
        let name = "\"\(role.name(in: schema))\""
        let everything = ["TABLES", "SEQUENCES", "FUNCTIONS"].map {
            "REVOKE ALL ON ALL \($0) IN SCHEMA \(schema.quoted) FROM \(name)"
        }
        let objects = LedgerRights.objects.flatMap { object -> [String] in
            let kind = object.isSequence ? "SEQUENCE" : "TABLE"
            return object.rights(of: role).map { right in
                let columns = right.columns.map { " (\($0.joined(separator: ", ")))" } ?? ""
                return
                    "GRANT \(right.privilege.rawValue)\(columns) ON \(kind) \(schema.quoted).\(object.name) TO \(name)"
            }
        }
        // PostgreSQL lets everybody call a new function.
        let functions =
            role != .worker
            ? []
            : [
                "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema.quoted) FROM PUBLIC",
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema.quoted) TO \(name)",
            ]
                + LedgerRights.ownersFunctions.sorted().map {
                    "REVOKE EXECUTE ON FUNCTION \(schema.quoted).\($0)() FROM \(name)"
                }
        return everything + objects + functions
    }
}

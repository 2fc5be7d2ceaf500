/// How a role of a ledger stands.
public struct RoleStanding: Sendable, Hashable {
    /// Which role.
    public let role: LedgerRole
    /// What PostgreSQL calls it.
    public let name: String
    /// Whether the server has such a role.
    public let exists: Bool
    /// The rights that it should have in this ledger and has not, as SQL would grant them.
    public let missingRights: [String]
    /// Accounts and groups that have it.
    public let members: [String]

    /// Creates a standing.
    public init(role: LedgerRole, name: String, exists: Bool, missingRights: [String], members: [String]) {
        self.role = role
        self.name = name
        self.exists = exists
        self.missingRights = missingRights
        self.members = members
    }
}

extension Ledger {
    /// The SQL that makes the roles of a ledger, for an administrator to run.
    ///
    /// It runs as one transaction and may run again.
    public static func rolesScript(schema: String) throws -> String {
        let script = try RolesScript(schema: SchemaName(schema))
        return "BEGIN;\n\(script.text)COMMIT;\n"
    }

    /// Makes the roles of this ledger, or brings their rights up to date.
    ///
    /// It needs the ledger's owner, who may create roles where some are missing; or a superuser.
    public func createRoles() async throws {
        let script = try RolesScript(schema: schema).text
        try await work.with { line in
            try await line.run { session, _ throws(SessionFailure) in
                do throws(SessionFailure) {
                    try await session.runScript(script)
                } catch .server(let error) {
                    guard error.sqlState == "42501" else { throw .server(error) }
                    throw .permanent(
                        LedgerError(
                            .refused,
                            "This user may not make the ledger's roles: \(ErrorText.cleaned(error.message, limit: 500)). "
                                + "It takes the ledger's owner with the attribute CREATEROLE, or a superuser: have one "
                                + "run what 'reprocess roles --sql' prints.", sqlState: error.sqlState))
                } catch {
                    throw error
                }
            }
        }
    }

    /// How each role of this ledger stands.
    public func roles() async throws -> [RoleStanding] {
        let names = LedgerRole.allCases.map { $0.name(in: schema) }
        let rows = try await work.with { line in try await line.run(RoleMembers(names: names)) }
        var standings: [RoleStanding] = []
        for (role, name) in zip(LedgerRole.allCases, names) {
            let own = rows.filter { $0.role == name }
            let missing = own.isEmpty ? [] : try await missingRights(of: name, for: role)
            standings.append(
                RoleStanding(
                    role: role, name: name, exists: !own.isEmpty, missingRights: missing,
                    members: own.compactMap(\.member)))
        }
        return standings
    }

    /// The user who is connected, as PostgreSQL calls them.
    public func currentUser() async throws -> String {
        try await work.with { line in try await line.run(CurrentUser()) }.first ?? ""
    }

    /// The rights that a run needs and the connected user lacks, as SQL would grant them.
    public func missingRightsForRun() async throws -> [String] {
        try await missingRights(of: nil, for: .worker)
    }

    private func missingRights(of user: String?, for role: LedgerRole) async throws -> [String] {
        try await work.with { line in try await line.run(MissingRights(user: user, role: role)) }
    }
}

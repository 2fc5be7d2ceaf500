/// Reads which roles of a ledger exist, and who has them.
struct RoleMembers: Statement {
    static let source = PackageResources.role_members_sql
    static let isInterruptible = true
    let names: [String]

    var parameters: [String?] { [ArrayText.texts(names)] }

    /// A role that exists, and one of its members.
    static func row(_ row: RowReader) throws(LedgerError) -> (role: String, member: String?) {
        (try row.requiredText(0), row.text(1))
    }
}

/// Reads which rights of a role somebody lacks.
struct MissingRights: Statement {
    static let source = PackageResources.missing_rights_sql
    static let isInterruptible = true
    /// Who is asked about; nil for the connected user.
    let user: String?
    let role: LedgerRole

    private var rights: [(object: String, column: String?, privilege: String)] {
        LedgerRights.objects.flatMap { object in
            object.rights(of: role).flatMap { right in
                (right.columns.map { $0.map(Optional.some) } ?? [nil]).map { column in
                    (object.name, column, right.privilege.rawValue)
                }
            }
        }
    }

    var parameters: [String?] {
        let rights = rights
        return [
            user, ArrayText.texts(rights.map(\.object)), ArrayText.texts(rights.map(\.column)),
            ArrayText.texts(rights.map(\.privilege)),
        ]
    }

    /// A right as SQL would grant it: `UPDATE (fence) ON partition_progress`.
    static func row(_ row: RowReader) throws(LedgerError) -> String {
        let column = row.text(1).map { " (\($0))" } ?? ""
        let object = try row.requiredText(0)
        return "\(try row.requiredText(2))\(column) ON \(object)"
    }
}

/// Reads who is connected.
struct CurrentUser: Statement {
    static let source = PackageResources.current_user_sql
    static let isInterruptible = true
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> String { try row.requiredText(0) }
}

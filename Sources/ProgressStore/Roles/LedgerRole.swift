/// A group of rights on a ledger, kept as a role of PostgreSQL without a log-in: accounts are made its members.
public enum LedgerRole: String, Sendable, CaseIterable {
    /// Claims partitions and records results.
    case worker
    /// Plans, opens runs, steers them and marks partitions; claims nothing.
    case planner
    /// Reads the views for dashboards.
    case dashboard

    /// What PostgreSQL calls the role of a ledger.
    ///
    /// Roles belong to the whole server: ledgers of one name in two databases share theirs.
    func name(in schema: SchemaName) -> String { "\(schema.text)_\(rawValue)" }
}

/// One right on an object, or on some of its columns.
struct Right: Sendable, Hashable {
    enum Privilege: String, Sendable {
        case select = "SELECT"
        case insert = "INSERT"
        case update = "UPDATE"
        case usage = "USAGE"
    }

    let privilege: Privilege
    /// The columns; nil for all, also those to come.
    var columns: [String]?

    static let select = Right(privilege: .select)
    static let insert = Right(privilege: .insert)
    static let usage = Right(privilege: .usage)

    static func insert(_ columns: String...) -> Right { Right(privilege: .insert, columns: columns) }
    static func update(_ columns: String...) -> Right { Right(privilege: .update, columns: columns) }
}

/// A table, a view or a sequence of the ledger, with what each role may do to it.
struct ObjectRights: Sendable {
    let name: String
    var isSequence = false
    var worker: [Right] = []
    var planner: [Right] = []
    var dashboard: [Right] = []

    /// The rights of one role.
    func rights(of role: LedgerRole) -> [Right] {
        switch role {
        case .worker: worker
        case .planner: planner
        case .dashboard: dashboard
        }
    }
}

internal import ProgressStore

/// The roles of a ledger for people and for programs.
struct RolesReport: Sendable {
    let schema: String
    let user: String
    let roles: [RoleStanding]

    func text(style: Style) -> String {
        let width = roles.map(\.name.count).max() ?? 0
        let heading = "Ledger in schema \(schema), seen by '\(user)'\n"
        let lines = roles.map { role in
            "  \(role.name.padded(to: width))  \(state(of: role, style))\n"
        }
        return heading + lines.joined() + (advice.map { $0 + "\n" } ?? "")
    }

    var json: String {
        let list = roles.map { role in
            JSONValue.object([
                "role": .text(role.role.rawValue), "name": .text(role.name), "exists": .bool(role.exists),
                "missing_rights": .array(role.missingRights.map { .text($0) }),
                "members": .array(role.members.map { .text($0) }),
            ])
        }
        return JSONValue.object(["schema": .text(schema), "user": .text(user), "roles": .array(list)]).text + "\n"
    }

    private func state(of role: RoleStanding, _ style: Style) -> String {
        guard role.exists else { return style.yellow("not made") }
        guard role.missingRights.isEmpty else {
            return style.yellow("lacks \(NumberText.counted(role.missingRights.count, "right"))")
        }
        let members = role.members.isEmpty ? "nobody has it" : "had by \(role.members.joined(separator: ", "))"
        return "\(style.green("ready")), \(members)"
    }

    private var advice: String? {
        guard roles.allSatisfy({ $0.exists && $0.missingRights.isEmpty }) else {
            return "'reprocess roles --create' makes them and brings their rights up to date."
        }
        guard let first = roles.first, roles.allSatisfy(\.members.isEmpty) else { return nil }
        return "Give one to an account with: GRANT \(first.name) TO account;"
    }
}

internal import PartitionBackfill
internal import ProgressStore

/// `roles`: who may do what in the ledger.
enum RolesCommand {
    static let command = Command(
        name: "roles",
        summary: "Show or make the roles that let accounts use the ledger with few rights.",
        discussion: """
            A ledger has three roles, named after its schema: SCHEMA_worker claims partitions and records results, as \
            'run' does; SCHEMA_planner plans, opens runs, steers them and marks partitions, but claims nothing; \
            SCHEMA_dashboard reads the views. None may delete anything or change the tables. An account gets a role \
            by GRANT, as the list shows. --create needs the owner of the ledger, who may create roles; where that is \
            somebody else, give them what --sql prints. Both may be repeated.
            """,
        options: [
            OptionSpec(
                name: "create", value: .flag, summary: "Make the roles, or bring their rights up to date."),
            OptionSpec(
                name: "sql", value: .flag, summary: "Print the SQL that makes them, and connect to nothing."),
        ],
        examples: [
            .init(purpose: "Which roles there are, and who has them", arguments: "roles"),
            .init(purpose: "Make them", arguments: "roles --create"),
            .init(purpose: "For an administrator", arguments: "roles --sql > roles.sql"),
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        if arguments.has("sql") {
            guard !arguments.has("create") else { throw UsageError("--sql prints what --create does: give either.") }
            try context.console.result(try Ledger.rolesScript(schema: project.schema))
            return .complete
        }
        try await project.withLedger { ledger in
            if arguments.has("create") { try await ledger.createRoles() }
            let report = RolesReport(
                schema: project.schema, user: try await ledger.currentUser(), roles: try await ledger.roles())
            let console = context.console
            try console.result(arguments.has("json") ? report.json : report.text(style: console.outputStyle))
        }
        return .complete
    }
}

import Foundation
import TestSupport
import Testing

/// Accounts with few rights, and the command that makes their roles.
@Suite(.timeLimit(.minutes(5))) struct RolesCommandTests {
    private static let range = ["--from", "2024-01-01", "--to", "2024-01-10"]

    /// An account on the test server, as an address.
    private func account(_ name: String, of role: String? = nil) async throws -> [String: String?] {
        let cluster = try await TestCluster.shared()
        let membership = role.map { " IN ROLE \($0)" } ?? ""
        try await cluster.execute("CREATE ROLE \(name) LOGIN\(membership)")
        return ["REPROCESS_DATABASE_URL": cluster.conninfo.replacing("user=reprocess", with: "user=\(name)")]
    }

    @Test func `An account with the worker's role runs a whole range, and looks at it`() async throws {
        let project = try await Project()
        let made = try await project.run("roles", "--create")
        #expect(made.code == 0, "\(made)")
        #expect(made.output.contains("\(project.schema)_worker"), "\(made)")
        #expect(made.output.contains("Give one to an account with: GRANT \(project.schema)_worker TO account;"))
        let worker = try await account("\(project.schema)_etl", of: "\(project.schema)_worker")
        for arguments in [
            ["doctor"] + Self.range, ["plan"] + Self.range, ["run"] + Self.range + ["--workers", "2"], ["status"],
            ["explain", "2024-01-03"], ["run"] + Self.range, ["roles"],
        ] {
            let finished = try await FinishedProgram.run(
                RunningProcess.built("reprocess"), arguments, environment: worker, directory: project.path)
            #expect(finished.end == .exited(0), "\(arguments): \(finished.output)\(finished.errorOutput)")
        }
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == 10)
        #expect(try await project.sumOfAmounts() == "605.00")
        let users = try await project.query("SELECT DISTINCT database_user FROM \(project.schema).run")
        #expect(users == [["\(project.schema)_etl"]])
    }

    @Test func `An account with the planner's role plans, and its run is refused with the repair`() async throws {
        let project = try await Project()
        _ = try await project.run("roles", "--create")
        let planner = try await account("\(project.schema)_ann", of: "\(project.schema)_planner")
        let plan = try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-10", environment: planner)
        #expect(plan.code == 0, "\(plan)")
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", environment: planner)
        #expect(run.code == 2, "\(run)")
        #expect(run.errors.contains("permission denied"), "\(run)")
        #expect(run.errors.contains("'reprocess roles'"), "\(run)")
        #expect(project.partitions().isEmpty)
        let doctor = try await project.run("doctor", environment: planner)
        #expect(doctor.code == 2, "\(doctor)")
        #expect(doctor.output.contains("the user '\(project.schema)_ann' lacks what a run needs"), "\(doctor)")
        #expect(doctor.output.contains("GRANT \(project.schema)_worker TO \"\(project.schema)_ann\""), "\(doctor)")
    }

    @Test func `An account without a role is told what to ask for`() async throws {
        let project = try await Project()
        _ = try await project.run("status")
        let nobody = try await account("\(project.schema)_bob")
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", environment: nobody)
        #expect(run.code == 2, "\(run)")
        #expect(run.errors.contains("permission denied"), "\(run)")
        #expect(run.errors.contains("'reprocess roles'"), "\(run)")
    }

    @Test func `The SQL for an administrator is printed without a server`() async throws {
        let project = try await Project()
        let printed = try await project.run(
            "roles", "--sql", environment: ["REPROCESS_DATABASE_URL": "host=/nowhere/at/all"])
        #expect(printed.code == 0, "\(printed)")
        _ = try await project.run("status")
        try await project.query(printed.output)
        struct Document: Decodable {
            struct Role: Decodable {
                let role: String
                let name: String
                let exists: Bool
                let missing_rights: [String]
                let members: [String]
            }
            let schema: String
            let user: String
            let roles: [Role]
        }
        let shown = try await project.run("roles", "--json")
        let document = try JSONDecoder().decode(Document.self, from: Data(shown.output.utf8))
        #expect(document.schema == project.schema)
        #expect(document.user == "reprocess")
        #expect(document.roles.map(\.role) == ["worker", "planner", "dashboard"])
        #expect(document.roles.map(\.name) == document.roles.map { "\(project.schema)_\($0.role)" })
        #expect(document.roles.allSatisfy { $0.exists && $0.missing_rights.isEmpty && $0.members.isEmpty })
        let both = try await project.run("roles", "--sql", "--create")
        #expect(both.code == 64, "\(both)")
    }

    /// The SQL of the page's section, on a server of its own: it is about the default names.
    @Test func `The page about roles does what it says`() async throws {
        let cluster = try await TestCluster()
        let project = try await Project()
        try project.write(
            "reprocess.yaml", Project.configuration(schema: "reprocess"))
        let owner: [String: String?] = ["REPROCESS_DATABASE_URL": cluster.conninfo]
        #expect(try await project.run("roles", "--create", environment: owner).code == 0)
        let page = try String(contentsOfFile: SharedData.packageDirectory + "/docs/operations.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## Roles\n").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
        let blocks = section.components(separatedBy: "```sql\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(!blocks.isEmpty)
        for block in blocks { try await cluster.execute(block) }
        let address = { (user: String) in cluster.conninfo.replacing("user=reprocess", with: "user=\(user)") }
        let run = try await project.run(
            "run", "--from", "2024-01-01", "--to", "2024-01-10",
            environment: ["REPROCESS_DATABASE_URL": address("etl")])
        #expect(run.code == 0, "\(run)")
        let plan = try await project.run(
            "plan", "--from", "2024-01-01", "--to", "2024-01-10",
            environment: ["REPROCESS_DATABASE_URL": address("ann")])
        #expect(plan.code == 0, "\(plan)")
        let seen = try await TestCluster.execute(
            """
            SELECT current_setting('default_transaction_read_only'), current_setting('statement_timeout'),
                (SELECT complete FROM reprocess.run_summary)
            """, at: address("grafana"))
        #expect(seen == [["on", "5s", "10"]])
        let limits = try await cluster.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'grafana'")
        #expect(limits == [["5"]])
    }
}

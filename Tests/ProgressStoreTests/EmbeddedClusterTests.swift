import Foundation
import ProgressStore
import TestSupport
import Testing

/// What users of one project's server see of each other.
@Suite(.timeLimit(.minutes(3))) struct EmbeddedClusterTests {
    @Test func `Twenty processes that join at once share one server, which the last one stops`() async throws {
        let project = try EmbeddedProject()
        let users = try (1...20).map { _ in try project.startUser() }
        var servers: Set<[[String?]]> = []
        for user in users {
            let conninfo = try await project.conninfo(of: user)
            let identity = "SELECT system_identifier, pg_postmaster_start_time() FROM pg_control_system()"
            servers.insert(try await TestCluster.execute(identity, at: conninfo))
        }
        #expect(servers.count == 1)
        #expect(users.filter { $0.errorOutput.contains("Making the embedded ledger") }.count == 1)
        for user in users.dropLast() { try user.closeInput() }
        for user in users.dropLast() { #expect(try await user.wait() == .exited(0)) }
        #expect(try await project.isRunning())
        try users.last?.closeInput()
        #expect(try await users.last?.wait() == .exited(0))
        #expect(project.serverProcesses().isEmpty)
    }

    @Test func `Users that come and go all the time never meet a server that is gone`() async throws {
        let project = try EmbeddedProject()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 {
                group.addTask {
                    for _ in 1...10 {
                        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
                        #expect(try await TestCluster.execute("SELECT 1", at: cluster.conninfo) == [["1"]])
                        await cluster.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(project.serverProcesses().isEmpty)
    }

    @Test(arguments: [
        "with space", "o'clock \"quoted\" \\ back", String(repeating: "long name ", count: 24), "ünïcode",
    ])
    func `Any path of a project will do`(name: String) async throws {
        let project = try EmbeddedProject(named: name)
        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        #expect(try await TestCluster.execute("SHOW fsync", at: cluster.conninfo) == [["on"]])
        await cluster.leave()
        #expect(project.serverProcesses().isEmpty)
    }

    @Test func `Rows are there again after everybody has left, and the folder keeps itself out of git`() async throws {
        let project = try EmbeddedProject()
        let first = try await EmbeddedCluster.join(projectDirectory: project.path)
        try await TestCluster.execute("CREATE TABLE kept AS SELECT 7 AS value", at: first.conninfo)
        await first.leave()
        let second = try await EmbeddedCluster.join(projectDirectory: project.path)
        #expect(try await TestCluster.execute("SELECT value FROM kept", at: second.conninfo) == [["7"]])
        await second.leave()
        #expect(try String(contentsOfFile: project.path + "/.reprocess/.gitignore", encoding: .utf8) == "*\n")
    }

    @Test func `The environment of libpq changes nothing`() async throws {
        let project = try EmbeddedProject()
        let user = try project.startUser(environment: [
            "PGHOST": "nowhere.invalid", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "nobody",
            "PGDATABASE": "none", "PGSSLMODE": "require", "PGCHANNELBINDING": "require", "PGGSSENCMODE": "require",
            "PGOPTIONS": "--nonsense=1", "PGDATA": "/nowhere", "PGTARGETSESSIONATTRS": "standby",
        ])
        _ = try await project.conninfo(of: user)
    }

    @Test func `A description starts nothing`() async throws {
        let project = try EmbeddedProject()
        let before = try await EmbeddedCluster.describe(projectDirectory: project.path)
        #expect(before.dataFolder == nil)
        #expect(!before.isRunning)
        #expect(!FileManager.default.fileExists(atPath: project.path + "/.reprocess"))

        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        let during = try await EmbeddedCluster.describe(projectDirectory: project.path)
        #expect(during.isRunning)
        #expect(during.dataFolder == project.path + "/.reprocess/postgres/data")
        #expect(during.version >= 13)
        await cluster.leave()
        #expect(try await !project.isRunning())
    }
}

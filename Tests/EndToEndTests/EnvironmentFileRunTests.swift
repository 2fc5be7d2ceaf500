import Foundation
import TestSupport
import Testing

/// Runs whose ledger stands in the file beside the configuration alone.
@Suite(.timeLimit(.minutes(5))) struct EnvironmentFileRunTests {
    /// The variables of libpq that lead to the test server, as lines of an environment file.
    private func serverVariables() async throws -> String {
        let cluster = try await TestCluster.shared()
        return """
            PGHOST='\(cluster.folder)'
            PGPORT=5432
            PGUSER=reprocess
            PGDATABASE=postgres

            """
    }

    private func run(
        _ words: [String], in project: Project, environment: [String: String?] = [:]
    ) async throws -> FinishedProgram {
        var whole: [String: String?] = [:]
        for name in ["REPROCESS_DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGDATABASE", "PGUSER"] {
            whole.updateValue(nil, forKey: name)
        }
        whole.merge(environment) { $1 }
        return try await .run(
            RunningProcess.built("reprocess"), words, environment: whole, directory: project.path)
    }

    @Test func `A run finds its ledger by libpq's variables in the file, and its range and limits`() async throws {
        let project = try await Project()
        let options = "REPROCESS_FROM=2024-01-01\nREPROCESS_TO=2024-01-10\nREPROCESS_MAX_PARTITIONS=3\n"
        try project.write(".env", try await serverVariables() + options + "PGAPPNAME=from_the_file\n")
        let first = try await run(["run"], in: project)
        #expect(first.end == .exited(0), "\(first.errorOutput)")
        #expect(first.errorOutput.contains("Ledger: PostgreSQL at the socket in "), "\(first.errorOutput)")
        #expect(try await project.ledger().filter { $0.hasSuffix(" COMPLETE") }.count == 3)
        // What is typed counts, and then the environment of the process.
        let second = try await run(
            ["run", "--from", "2024-01-05"], in: project, environment: ["REPROCESS_MAX_PARTITIONS": ""])
        #expect(second.end == .exited(0), "\(second.errorOutput)")
        #expect(try await project.ledger().filter { $0.hasSuffix(" COMPLETE") }.count == 9)
        #expect(!FileManager.default.fileExists(atPath: project.path + "/.reprocess"))
    }

    @Test func `A variable of the process hides that of the file, also for libpq`() async throws {
        let project = try await Project()
        try project.write(".env", try await serverVariables())
        let missing = "/nowhere/at/all"
        let result = try await run(["status"], in: project, environment: ["PGHOST": missing])
        #expect(result.end == .exited(2))
        #expect(result.errorOutput.contains(missing), "\(result.errorOutput)")
    }

    @Test func `An address comes before the file's variables, which fill what it leaves open`() async throws {
        let project = try await Project()
        try project.write(".env", "PGHOST=/nowhere/at/all\nPGUSER=reprocess\nPGDATABASE=postgres\n")
        let folder = try await TestCluster.shared().folder
        let result = try await run(
            ["status", "--json"], in: project, environment: ["REPROCESS_DATABASE_URL": "host='\(folder)' port=5432"])
        #expect(result.end == .exited(0), "\(result.errorOutput)")
    }

    @Test func `A password of the file is in no message`() async throws {
        let project = try await Project()
        // A server that says no shows the name of the user, which here is the password.
        try project.write(
            ".env",
            try await serverVariables().replacing("PGUSER=reprocess", with: "PGUSER=s3cret")
                + "PGPASSWORD=s3cret\n")
        let result = try await run(["status"], in: project)
        #expect(result.end == .exited(2))
        #expect(result.errorOutput.contains("***"), "\(result.errorOutput)")
        #expect(!result.errorOutput.contains("s3cret"), "\(result.errorOutput)")
    }
}

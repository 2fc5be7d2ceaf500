import Foundation
import TestSupport
import Testing

/// What a user allows a Delta table, proves of it and tidies up, by the configuration and on the command line.
@Suite struct DeltaUpkeepTests {
    private let keys = ["2024-01-01", "2024-01-02", "2024-01-03"]

    private func project(_ rules: String = "") async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-01-03", format: .delta)
        try project.write(
            "reprocess.yaml", Project.configuration(schema: project.schema, format: .delta, target: rules))
        let first = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-03")
        try #require(first.code == 0, "\(first)")
        return project
    }

    @Test func `A target that may evolve gets the columns of a later result`() async throws {
        let project = try await project(", schema: evolve")
        let transform = Project.fixedTransform.replacing("SELECT ", with: "SELECT 'x' AS extra, ")
        try project.write("transforms/orders.sql", transform)
        let second = try await project.run("run", "--dates", "2024-01-02")
        #expect(second.code == 0, "\(second)")
        try await project.expect(keys, sum: "60.50")
        #expect(try await DeltaReader.read(project.table).columns.last == "extra")
        // What was written before lacks the column; nothing is wrong with it.
        let verified = try await project.run("verify", "--deep")
        #expect(verified.code == 0, "\(verified)")
    }

    @Test func `A target that supersedes replaces what others wrote meanwhile`() async throws {
        let project = try await project(", concurrent_writes: supersede")
        let process = try project.start(
            ["run", "--dates", "2024-01-01", "--only", "all", "--rewrite", "--retries", "0"],
            environment: ["REPROCESS_FAULT": "staged:stop"])
        try await process.waitUntilStopped()
        try await DeltaReader.other(
            """
            table = DeltaTable(path).to_pyarrow_table()
            write_deltalake(path, table.slice(0, 1).set_column(
                table.schema.get_field_index("order_date"), "order_date",
                pa.array([datetime.date(2024, 1, 1)], pa.date32())), mode="append")
            """, on: project.table)
        process.send(SIGCONT)
        #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        try await project.expect(keys, sum: "60.50")
    }

    @Test(arguments: [
        ("DeltaTable(path).restore(0)", "earlier generation", ["2024-01-01", "2024-01-02", "2024-01-03"]),
        ("DeltaTable(path).delete(\"order_date = '2024-01-02'\")", "gone", ["2024-01-02"]),
    ])
    func `What another program takes away is found, and made anew`(
        lines: String, kind: String, differing: [String]
    ) async throws {
        let project = try await project()
        // So that there is something to go back to.
        #expect(
            try await project.run(
                "run", "--only", "all", "--rewrite", "--from", "2024-01-01", "--to", "2024-01-03"
            ).code == 0)
        let sound = try await project.run("verify")
        #expect(sound.code == 0, "\(sound)")
        try await DeltaReader.other(lines, on: project.table)
        let found = try await project.run("verify", "--json")
        #expect(found.code == 1, "\(found)")
        for key in differing { #expect(found.output.contains("\"partition\":\"\(key)\""), "\(found)") }
        #expect(found.output.contains("\"kind\":\"\(kind)\""), "\(found)")
        #expect(try await project.run("verify", "--repair").code == 1)
        let again = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-03")
        #expect(again.code == 0, "\(again)")
        try await project.expect(keys, sum: "60.50")
        #expect(try await project.run("verify", "--deep").code == 0)
    }

    @Test func `A cleaning tells first, and leaves the table as it is`() async throws {
        let project = try await project()
        let killed = try project.start(
            ["run", "--only", "all", "--rewrite", "--from", "2024-01-01", "--to", "2024-01-03"],
            environment: ["REPROCESS_FAULT": "filesMoved:kill"])
        #expect(try await killed.wait() == .signalled(SIGKILL))
        try await project.query(
            """
            UPDATE \(project.schema).partition_progress SET lease_expires_at = now() - interval '1 second'
            WHERE status = 'RUNNING'
            """)
        let files = project.files(below: "lake")
        let told = try await project.run("clean", "--dry-run")
        #expect(told.code == 0, "\(told)")
        #expect(project.files(below: "lake") == files)
        let again = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-03")
        #expect(again.code == 0, "\(again)")
        let cleaned = try await project.run("clean", "--keep", "0s")
        #expect(cleaned.code == 0, "\(cleaned)")
        try await project.expect(keys, sum: "60.50")
        let left = project.files(below: "lake/orders.reprocess")
        #expect(left.allSatisfy { $0.hasSuffix(".ended") }, "\(left)")
    }
}

import Foundation
import Partitions
import TestSupport
import Testing

/// The newest days are left to the daily job unless they are asked for.
@Suite struct SettleTests {
    /// The last days up to today, by the test server's clock.
    private func project(days count: Int) async throws -> (project: Project, first: String, last: String) {
        let dates = try await TestCluster.shared().execute(
            """
            SELECT to_char((now() AT TIME ZONE 'UTC')::date - \(count - 1), 'YYYY-MM-DD'),
                to_char((now() AT TIME ZONE 'UTC')::date, 'YYYY-MM-DD')
            """)[0]
        let first = try #require(dates[0])
        let last = try #require(dates[1])
        return (try await Project(days: first...last), first, last)
    }

    @Test func `A range stops two days before today, and says so`() async throws {
        let (project, first, last) = try await project(days: 6)
        let run = try await project.run("--from", first, "--to", last)
        #expect(run.code == 0, "\(run)")
        #expect(run.errors.contains("3 too recent"), "\(run)")
        #expect(run.errors.contains("--settle 0s takes them in"), "\(run)")
        #expect(project.partitions().count == 3)
    }

    @Test func `The newest days are run when they are asked for`() async throws {
        let (project, first, last) = try await project(days: 6)
        let byName = try await project.run("--dates", last)
        #expect(byName.code == 0, "\(byName)")
        #expect(project.partitions() == ["order_date=\(last)"])
        let all = try await project.run("--from", first, "--to", last, "--settle", "0s")
        #expect(all.code == 0, "\(all)")
        #expect(project.partitions().count == 6)
    }

    @Test func `The job and the environment say it too, and the command line has the last word`() async throws {
        let (project, first, last) = try await project(days: 6)
        try project.write(
            "reprocess.yaml",
            Project.configuration(schema: project.schema, extra: "    run: { settle: 4d }"))
        let job = try await project.run("plan", "--from", first, "--to", last)
        #expect(job.output.contains("1 to run, 5 to skip (5 too recent)"), "\(job)")
        let variable = try await project.run(
            "plan", "--from", first, "--to", last, environment: ["REPROCESS_SETTLE": "1d"])
        #expect(variable.output.contains("4 to run, 2 to skip (2 too recent)"), "\(variable)")
        let option = try await project.run(
            "plan", "--from", first, "--to", last, "--settle", "3d", environment: ["REPROCESS_SETTLE": "1d"])
        #expect(option.output.contains("2 to run, 4 to skip (4 too recent)"), "\(option)")
    }

    @Test(arguments: ["two days", "2", "-1d", "4000d"])
    func `What is no such time is refused`(text: String) async throws {
        let project = try await Project()
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-02", "--settle", text)
        #expect(run.code == 64, "\(run)")
        #expect(run.errors.contains("--settle"), "\(run)")
        #expect(project.partitions().isEmpty)
    }
}

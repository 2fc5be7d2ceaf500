import Foundation
import TestSupport
import Testing

/// The DAG of examples/airflow, run by a real Airflow.
@Suite(
    .enabled(
        if: InstalledProgram.path(of: "airflow") != nil, "Airflow is not installed: see examples/airflow/README.md"),
    .serialized, .timeLimit(.minutes(15)))
struct AirflowExampleTests {
    /// Runs the DAG over ten days in three parts.
    private func runDAG(of project: Project) async throws -> FinishedProgram {
        let home = try TemporaryDirectory()
        let airflow = try #require(InstalledProgram.path(of: "airflow"))
        let tools = (try RunningProcess.built("reprocess") as NSString).deletingLastPathComponent
        let path = tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let environment: [String: String?] = [
            "PATH": path, "AIRFLOW_HOME": home.path, "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": SharedData.packageDirectory + "/examples/airflow",
            "REPROCESS_CONFIG": project.path + "/reprocess.yaml", "REPROCESS_DATABASE_URL": project.conninfo,
            "PYTHONDONTWRITEBYTECODE": "1", "AIRFLOW__CORE__MP_START_METHOD": nil,
        ]
        let migrated = try await FinishedProgram.run(
            airflow, ["db", "migrate"], environment: environment, directory: home.path)
        try #require(migrated.end == .exited(0), "\(migrated.errorOutput)")
        let conf = "{\"from\": \"2024-01-01\", \"to\": \"2024-01-10\", \"parts\": 3}"
        return try await FinishedProgram.run(
            airflow, ["dags", "test", "reprocess_backfill", "--conf", conf], environment: environment,
            directory: home.path, timeout: .seconds(600))
    }

    @Test func `Airflow runs the parts of a range, and finds all of it complete`() async throws {
        let project = try await Project()
        let run = try await runDAG(of: project)
        #expect(run.end == .exited(0), "\(run.output)\(run.errorOutput)")
        let ledger = try await project.ledger()
        #expect(ledger.count == 10)
        #expect(ledger.allSatisfy { $0.hasSuffix(" COMPLETE") })
        // Each part is a run of its own in the ledger.
        #expect(try await project.query("SELECT count(*) FROM \(project.schema).run") == [["3"]])
    }

    @Test func `A day that fails makes the check fail, and the others are complete`() async throws {
        let project = try await Project()
        try project.write("bronze/2024-01-05.csv", "order_date,order_id,amount\n2024-01-05,1,nonsense\n")
        let run = try await runDAG(of: project)
        let said = run.output + run.errorOutput
        #expect(said.contains("not everything is COMPLETE: {'FAILED': 1}; failed: ['2024-01-05']"), "\(said)")
        let ledger = try await project.ledger()
        #expect(ledger.filter { $0.hasSuffix(" COMPLETE") }.count == 9)
        #expect(ledger.contains("2024-01-05 FAILED"))
    }
}

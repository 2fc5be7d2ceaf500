import Foundation
import TestSupport

/// A copy of the example over the daily reports, with reports and a ledger of its own.
struct CovidProject {
    static let from = "2020-01-22"
    static let to = "2020-07-27"
    static let example = SharedData.packageDirectory + "/examples/covid-daily-reports"

    private let directory: TemporaryDirectory
    private let environment: [String: String?]
    private let originals: String

    /// Copies the example; the reports are links until one of them is damaged.
    init(originals: String) async throws {
        directory = try TemporaryDirectory()
        self.originals = originals
        let cluster = try await TestCluster.shared()
        let reports = directory.appending("reports")
        environment = [
            "JHU_DAILY_REPORTS": reports,
            "REPROCESS_DATABASE_URL": cluster.conninfo(database: try await cluster.freshDatabase()),
        ]
        let files = FileManager.default
        try files.copyItem(atPath: Self.example, toPath: directory.appending("project"))
        try files.createDirectory(atPath: reports, withIntermediateDirectories: false)
        for name in try files.contentsOfDirectory(atPath: originals) where name.hasSuffix(".csv") {
            try files.createSymbolicLink(atPath: reports + "/" + name, withDestinationPath: originals + "/" + name)
        }
    }

    /// The folder of the table that the example writes.
    var table: String { directory.appending("project/lake/covid_daily") }

    /// Runs `reprocess` in the folder of the example.
    func reprocess(_ arguments: [String]) async throws -> FinishedProgram {
        try await .run(
            try RunningProcess.built("reprocess"), arguments, environment: environment,
            directory: directory.appending("project"))
    }

    /// Runs one of the example's scripts, which read without DuckDB.
    func python(_ script: String, _ arguments: String...) async throws -> FinishedProgram {
        try await .run(
            try PythonEnvironment.interpreter, [Self.example + "/tests/" + script] + arguments,
            directory: directory.path)
    }

    /// The names of a day's files in the table; nil where the table has no such day.
    func files(of day: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: table + "/report_date=" + day).sorted()
    }

    /// Replaces a day's report by a changed copy, or takes it away.
    func changeReport(of day: String, _ change: (String) throws -> String?) throws {
        let text = try String(contentsOfFile: path(of: day, in: originals), encoding: .utf8)
        let path = path(of: day, in: directory.appending("reports"))
        try FileManager.default.removeItem(atPath: path)
        if let changed = try change(text) { try changed.write(toFile: path, atomically: false, encoding: .utf8) }
    }

    /// Puts the true report of a day back.
    func repairReport(of day: String) throws {
        let path = path(of: day, in: directory.appending("reports"))
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: self.path(of: day, in: originals))
    }

    private func path(of day: String, in folder: String) -> String {
        let parts = day.split(separator: "-")
        return "\(folder)/\(parts[1])-\(parts[2])-\(parts[0]).csv"
    }
}

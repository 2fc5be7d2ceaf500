import Foundation
import PartitionBackfill
import TestSupport
import Testing

@testable import ReprocessCLI

/// What is told at the end of a run, with a real ledger, a real table and real commands.
@Suite(.timeLimit(.minutes(5))) struct RunEndTests {
    private func text(_ project: OrdersProject, _ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: project.directory.appending(name))), as: UTF8.self)
    }

    private func exists(_ project: OrdersProject, _ name: String) -> Bool {
        FileManager.default.fileExists(atPath: project.directory.appending(name))
    }

    private func notices(_ project: OrdersProject) throws -> [[String: Any]] {
        guard exists(project, "told") else { return [] }
        return try text(project, "told").split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    @Test(arguments: [
        (["--at-end", "report.pdf"], ExitCode.usage, "--at-end is 'report.pdf', whose ending says no form"),
        (
            ["--at-end", "nowhere/report.html"], .refused,
            "The report 'nowhere/report.html' cannot be written: its folder"
        ),
        (["--at-end", "lake.html"], .refused, "it is a folder; name a file in it"),
    ])
    func `A report that could not be written is refused before anything is done`(
        more: [String], code: ExitCode, message: String
    ) async throws {
        let project = try await OrdersProject()
        try FileManager.default.createDirectory(
            atPath: project.directory.appending("lake.html"), withIntermediateDirectories: false)
        let result = try await project.run(["run"] + OrdersProject.range + more)
        #expect(result.code == code)
        #expect(result.messages.contains(message), "\(result.messages)")
        #expect(!exists(project, "lake"))
        #expect(try await project.run("runs").messages.contains("There was no run yet."))
    }

    @Test func `A finished run is told, reported in each form, and kept in the history`() async throws {
        let project = try await OrdersProject()
        let result = try await project.run(
            ["run"] + OrdersProject.range + [
                "--at-end", "report.html", "--reason", "new <rates>", "--notify", "cat >> told",
            ])
        #expect(result.code == .complete, "\(result.messages)")
        #expect(result.messages.contains("Report: report.html"))
        let html = try text(project, "report.html")
        #expect(html.contains("2024-01-01 to 2024-01-07 inclusive: finished after"))
        #expect(html.contains("new &lt;rates&gt;"))
        let told = try notices(project)
        #expect(told.count == 1)
        #expect(told.first?["event"] as? String == "finished" && told.first?["complete"] as? Int == 7)
        #expect(told.first?["run"] as? Int == 1 && told.first?["exit_code"] as? Int == 0)
        #expect((told.first?["report"] as? String)?.hasSuffix("/report.html") == true)

        let (code, report) = try await project.json(["report"])
        #expect(code == .complete)
        let cost = report["cost"] as? [String: Any]
        #expect(cost?["attempts"] as? Int == 7)
        #expect((cost?["bytes_read"] as? Int ?? 0) > 0, "the size of the source files")
        #expect((cost?["engine_seconds"] as? Double ?? 0) > 0)
        #expect(cost?["rows_written"] as? Int == report["rows"] as? Int)
        #expect(report["live"] as? Bool == false)
        for form in ["text", "json", "markdown", "html"] {
            let printed = try await project.run("report", "--run", "1", "--format", form)
            #expect(printed.code == .complete)
            #expect(printed.output.contains("orders") || printed.output.contains("\"run\":1"), "\(printed.output)")
        }
        #expect(try await project.run("report", "-o", "r.md").code == .complete)
        #expect(try text(project, "r.md").hasPrefix("# "))

        let history = try await project.run("runs")
        #expect(history.output.contains("finished"))
        #expect(history.output.contains("7 of 7"))
        #expect(history.output.contains("new <rates>"))
        #expect(try await project.run("clean", "--keep", "0s").code == .complete)
        #expect(try await project.run("runs").output == history.output, "clean keeps the history")
        #expect(try await project.run("report", "--run", "1").code == .complete)
    }

    @Test func `A failed run is told and reported, and neither changes how it ends`() async throws {
        let project = try await OrdersProject()
        try project.write(
            "SELECT order_date, 1 / 0 AS x, error('no rate') AS y FROM source\n", to: StarterProject.transformPath)
        let result = try await project.run(
            ["run"] + OrdersProject.range
                + [
                    "--breaker", "0", "--at-end", "report.json", "--notify",
                    "cat >> told; echo 'no channel' >&2; exit 9",
                ])
        #expect(result.code == .incomplete, "\(result.messages)")
        #expect(result.messages.contains("warning: The command 'cat >> told;"), "\(result.messages)")
        #expect(result.messages.contains("ended with code 9: no channel"))
        let told = try notices(project)
        #expect(told.map { $0["event"] as? String } == ["failed"])
        #expect(told.first?["failed"] as? Int == 7 && told.first?["exit_code"] as? Int == 1)
        let report = try OrdersProject.lastObject(of: try text(project, "report.json"))
        #expect((report["failed"] as? [Any])?.count == 7)
        let failures = report["failures"] as? [[String: Any]]
        #expect(failures?.count == 1, "one error, seven times")
        let cost = report["cost"] as? [String: Any]
        #expect((cost?["engine_seconds"] as? Double ?? 0) > 0, "also failed attempts have used the engine")
        #expect((cost?["bytes_read"] as? Int ?? 0) > 0)
    }

    @Test func `What is held is told with its reason and how to decide, also by a run that finds nothing to do`()
        async throws
    {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2", without: ["2024-01-03"])
        let words = ["run"] + OrdersProject.range + ["--notify", "cat >> told"]
        #expect(try await project.run(words).code == .incomplete)
        #expect(try await project.run(words).code == .incomplete)
        let told = try notices(project)
        #expect(told.map { $0["event"] as? String } == ["failed", "failed"])
        #expect(told.map { $0["held"] as? Int } == [1, 1])
        #expect(told.map { $0["complete"] as? Int } == [6, 0])
        let held = told.first?["held_partitions"] as? [[String: String]]
        #expect(held?.map { $0["partition"] } == ["2024-01-03"])
        #expect(held?.first?["reason"]?.contains("rows") == true)
        let decide = told.map { ($0["decide"] as? [String: String])?["approve"] }
        #expect(decide == ["reprocess approve 2024-01-03 --reason '…'", "reprocess approve --all --reason '…'"])
        #expect(try await project.run("approve", "--all", "--reason", "seen").code == .complete)
        #expect(try await project.run(words).code == .complete)
        #expect(try notices(project).last?["decide"] is NSNull)
    }

    @Test func `A run that its breaker ends is told once, as paused`() async throws {
        let project = try await OrdersProject()
        try project.write("SELECT order_date, error('no rate') AS y FROM source\n", to: StarterProject.transformPath)
        let result = try await project.run(
            ["run"] + OrdersProject.range
                + ["--workers", "1", "--breaker", "3", "--at-end", "report.md", "--notify", "cat >> told"])
        #expect(result.code == .stopped)
        let told = try notices(project)
        #expect(told.map { $0["event"] as? String } == ["paused"])
        #expect(told.first?["failed"] as? Int == 3 && told.first?["remaining"] as? Int == 4)
        #expect((told.first?["cause"] as? String)?.contains("3 partitions in a row") == true)
        let report = try text(project, "report.md")
        #expect(report.contains("paused after"))
        #expect(report.contains("by its breaker"))
    }

    @Test func `A run that is refused is told as failed, and one that has nothing to do as finished`() async throws {
        let project = try await OrdersProject.done()
        let nothing = try await project.run(
            ["run"] + OrdersProject.range + ["--at-end", "report.html", "--notify", "cat >> told"])
        #expect(nothing.code == .complete)
        #expect(nothing.messages.contains("Nothing was run, so that no report is written to report.html."))
        #expect(!exists(project, "report.html"))
        try project.write("SELEC order_date FROM source\n", to: StarterProject.transformPath)
        let refused = try await project.run(["run"] + OrdersProject.range + ["--notify", "cat >> told"])
        #expect(refused.code == .refused)
        let told = try notices(project)
        #expect(told.map { $0["event"] as? String } == ["finished", "failed"])
        #expect(told.last?["exit_code"] as? Int == 2)
        #expect((told.last?["cause"] as? String)?.isEmpty == false)
        // A plan tells nobody.
        _ = try await project.run(["run"] + OrdersProject.range + ["--dry-run", "--notify", "cat >> told"])
        #expect(try notices(project).count == 2)
    }

    @Test func `A stop by a signal leaves a report, and somebody is told`() async throws {
        let project = try await OrdersProject()
        let stop = StopSignal()
        stop.request(.drain)
        let result = try await project.run(
            ["run"] + OrdersProject.range + ["--at-end", "report.txt", "--notify", "cat >> told"], stop: stop)
        #expect(result.code == .stopped, "\(result.messages)")
        #expect(try text(project, "report.txt").contains("stopped after"))
        #expect(try notices(project).map { $0["event"] as? String } == ["failed"])
        #expect(try notices(project).first?["remaining"] as? Int == 7)
    }

    @Test func `The job says what is told, the command line says it again, and nothing switches it off`() async throws {
        let project = try await OrdersProject()
        let configuration = try text(project, "reprocess.yaml")
        #expect(!configuration.contains("notify:"))
        try project.write(
            configuration.replacing("run: { retries: 1 }", with: "run: { retries: 1, notify: 'echo job >> who' }"),
            to: "reprocess.yaml")
        let first = try await project.run(["run"] + OrdersProject.range)
        #expect(first.code == .complete, "\(first.messages)")
        _ = try await project.run(["run"] + OrdersProject.range + ["--notify", "echo typed >> who"])
        _ = try await project.run(["run"] + OrdersProject.range + ["--notify", ""])
        #expect(try text(project, "who") == "job\ntyped\n")
    }

    @Test func `What cannot be reported is said`() async throws {
        let project = try await OrdersProject.done()
        for (words, code, message) in [
            (["report", "--format", "pdf"], ExitCode.usage, "--format is 'pdf'"),
            (["report", "--json", "--format", "html"], .usage, "--json asks for another form than --format html"),
            (["report", "--output", "report"], .usage, "whose ending says no form"),
            (["report", "--run", "99"], .refused, "The ledger knows no run 99."),
            (["report", "nonsense"], .usage, "There is no job 'nonsense'."),
            (["runs", "nonsense"], .usage, "There is no job 'nonsense'."),
            (["runs", "--limit", "0"], .usage, "--limit is '0', but must be a whole number"),
        ] {
            let result = try await project.run(words)
            #expect(result.code == code, "\(words): \(result.messages)")
            #expect(result.messages.contains(message), "\(words): \(result.messages)")
        }
    }

    @Test func `The history outlives the job that it is about`() async throws {
        let project = try await OrdersProject.done()
        let job = try #require((try await project.json(["report"])).object["job"] as? String)
        let configuration = try text(project, "reprocess.yaml").replacing("  \(job):", with: "  renamed:")
        try project.write(configuration, to: "reprocess.yaml")
        let history = try await project.json(["runs"])
        #expect((history.object["runs"] as? [[String: Any]])?.first?["job"] as? String == job)
        #expect(try await project.run("runs", job).code == .complete)
        #expect(try await project.run("report", "--run", "1").code == .complete)
        #expect(try await project.run("report", job).code == .complete)
    }
}

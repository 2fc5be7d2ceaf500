import Foundation
import Partitions
import TestSupport
import Testing

/// Ledger and table are made to differ by hand, in every way that a user might.
@Suite struct VerifyTests {
    private static let days = ["--from", "2024-01-01", "--to", "2024-01-06"]

    /// Six days that are done, of which three are day 2 to 4.
    private func project(transform: String = Project.fixedTransform) async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-01-06", transform: transform)
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-06")
        #expect(run.code == 0, "\(run)")
        return project
    }

    private func expectNoDifference(_ project: Project, _ more: String...) async throws {
        let verify = try await project.start(["verify"] + more).finished()
        #expect(verify.code == 0, "\(verify)")
        #expect(verify.output.isEmpty)
    }

    /// What `verify` says of each partition, without the details.
    private func kinds(_ project: Project, _ more: String...) async throws -> [String] {
        let verify = try await project.start(["verify", "--json"] + more).finished()
        let events = try verify.output.split(separator: "\n").map { line in
            try JSONDecoder().decode(VerifyEvent.self, from: Data(line.utf8))
        }
        let differences = events.dropLast().map { "\($0.partition ?? "") \($0.kind ?? "")" }
        #expect(events.last?.event == "finished" && events.last?.checked == 6, "\(verify)")
        #expect(verify.code == (differences.isEmpty ? 0 : 1), "\(verify)")
        return differences
    }

    @Test func `What was just made agrees, also when every value is read`() async throws {
        let project = try await project()
        try await expectNoDifference(project)
        try await expectNoDifference(project, "--deep")
        try await expectNoDifference(project, "--dates", "2024-01-02,2024-01-04..2024-01-05", "--workers", "1")
        // Nothing of it is COMPLETE.
        let other = try await project.run("verify", "--from", "2023-01-01", "--to", "2023-12-31")
        #expect(other.code == 0 && other.errors.contains("no partition is COMPLETE there"), "\(other)")
    }

    @Test func `A file that was deleted, one that grew and one that is not ours`() async throws {
        let project = try await project()
        try project.remove("lake/orders/\(project.file(of: "2024-01-02"))")
        try project.append("x", to: project.file(of: "2024-01-03"))
        try FileManager.default.copyItem(
            atPath: project.lake(project.file(of: "2024-01-05")),
            toPath: project.lake("order_date=2024-01-04/copy.parquet"))
        #expect(
            try await kinds(project) == [
                "2024-01-02 gone", "2024-01-03 size differs", "2024-01-03 unreadable", "2024-01-04 extra files",
            ])
        let text = try await project.run("verify")
        #expect(text.code == 1)
        #expect(text.output.split(separator: "\n").count == 4, "\(text)")
        #expect(text.output.contains("2024-01-04  extra files             copy.parquet\n"), "\(text)")
        #expect(text.errors.contains("6 COMPLETE partitions looked at, 3 as recorded, 3 partitions not as recorded."))
        #expect(text.errors.contains("\n  reprocess verify --repair\n"), "\(text)")
    }

    @Test func `A page that cannot be decoded is found by reading it, and only then`() async throws {
        let project = try await project()
        let path = project.lake(project.file(of: "2024-01-02"))
        var bytes = try Data(contentsOf: URL(filePath: path))
        // The begin of the last page's block of zstd.
        let page = try #require(bytes.lastRange(of: Data([0x28, 0xb5, 0x2f, 0xfd])))
        bytes[page.lowerBound] ^= 0xff
        try bytes.write(to: URL(filePath: path))
        #expect(try await kinds(project).isEmpty)
        #expect(try await kinds(project, "--deep") == ["2024-01-02 unreadable"])
    }

    @Test func `Folders that changed places, one that was deleted, and an old generation that was put back`()
        async throws
    {
        let project = try await project()
        let again = try await project.run("run", "--dates", "2024-01-06", "--only", "all", "--rewrite")
        #expect(again.code == 0, "\(again)")
        try project.move("order_date=2024-01-01", "aside")
        try project.move("order_date=2024-01-02", "order_date=2024-01-01")
        try project.move("aside", "order_date=2024-01-02")
        try project.remove("lake/orders/order_date=2024-01-03")
        let kept = try #require(project.files(below: "lake/orders.reprocess/previous/2024-01-06").first)
        try project.remove("lake/orders/order_date=2024-01-06")
        try FileManager.default.moveItem(
            atPath: project.lake("../orders.reprocess/previous/2024-01-06/")
                + (kept as NSString).deletingLastPathComponent,
            toPath: project.lake("order_date=2024-01-06"))
        #expect(
            try await kinds(project) == [
                "2024-01-01 other partition", "2024-01-02 other partition", "2024-01-03 gone",
                "2024-01-06 earlier generation",
            ])
        let text = try await project.run("verify")
        #expect(text.output.contains("2024-01-01  other partition         the files of orders 2024-01-02, fence "))
    }

    @Test func `A row that says other numbers than the files, and a row written by hand`() async throws {
        let project = try await project()
        try await project.query(
            """
            UPDATE \(project.schema).partition_progress SET rows_written = 11 WHERE partition_key = '2024-01-02';
            UPDATE \(project.schema).partition_progress SET bytes_written = 1 WHERE partition_key = '2024-01-03';
            UPDATE \(project.schema).partition_progress SET table_version = NULL WHERE partition_key >= '2024-01-04'
            """)
        try project.remove("lake/orders/order_date=2024-01-04")
        #expect(
            try await kinds(project) == ["2024-01-02 rows differ", "2024-01-03 size differs", "2024-01-04 gone"])
        let text = try await project.run("verify")
        #expect(text.errors.contains("2 recorded by hand"), "\(text)")
    }

    @Test func `A publish that was never recorded is told as such`() async throws {
        let project = try await project()
        // Dead between publish and record; then somebody says that the day was all right before.
        let dying = try project.start(
            ["run", "--dates", "2024-01-02", "--only", "all", "--rewrite"],
            environment: ["REPROCESS_FAULT": "published:kill"])
        #expect(try await dying.wait() == .signalled(SIGKILL))
        try await project.query(
            """
            UPDATE \(project.schema).partition_progress SET status = 'COMPLETE', fence = nextval('\(project.schema).fence'),
                claim_id = NULL WHERE partition_key = '2024-01-02';
            UPDATE \(project.schema).attempt SET outcome = 'LOST', ended_at = now() WHERE outcome = 'RUNNING'
            """)
        #expect(try await kinds(project) == ["2024-01-02 unrecorded generation"])
    }

    @Test func `Repairing reopens exactly what differs, and a run makes it anew`() async throws {
        let project = try await project()
        try project.remove("lake/orders/order_date=2024-01-02")
        try project.append("x", to: project.file(of: "2024-01-05"))
        let repair = try await project.run("verify", "--repair")
        #expect(repair.code == 1, "\(repair)")
        #expect(repair.output.split(separator: "\n").allSatisfy { $0.hasSuffix("reopened") })
        #expect(repair.errors.contains("\n  reprocess run --dates 2024-01-02,2024-01-05\n"), "\(repair)")
        #expect(
            try await project.ledger() == [
                "2024-01-01 COMPLETE", "2024-01-02 PENDING", "2024-01-03 COMPLETE", "2024-01-04 COMPLETE",
                "2024-01-05 PENDING", "2024-01-06 COMPLETE",
            ])
        let explained = try await project.run("explain", "2024-01-02")
        #expect(explained.output.contains("Reopened by 'verify --repair': gone."), "\(explained)")
        #expect(explained.output.contains("COMPLETE after"), "\(explained)")

        let run = try await project.run("run", "--dates", "2024-01-02,2024-01-05", "--json")
        #expect(run.code == 0, "\(run)")
        try await expectNoDifference(project, "--deep")
        #expect(try await project.sumOfAmounts() == "363.00")
        let attempts = try await project.query("SELECT count(*) FROM \(project.schema).attempt")
        #expect(attempts.first?[0] == "8")
    }

    @Test func `Another job that replaced partitions is not a difference`() async throws {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-03",
            configuration: nil)
        let two = Project.configuration(
            schema: project.schema,
            extra: """
                  daily:
                    partition: { column: order_date, every: day }
                    source: { path: bronze/%Y-%m-%d.csv, format: csv }
                    target: { path: lake/orders, format: hive }
                    transform: transforms/orders.sql
                """)
        try project.write("reprocess.yaml", two)
        for arguments in [
            ["run", "orders", "--from", "2024-01-01", "--to", "2024-01-03"],
            ["run", "daily", "--dates", "2024-01-02", "--rewrite"],
        ] {
            let run = try await project.start(arguments).finished()
            #expect(run.code == 0, "\(run)")
        }
        let verify = try await project.run("verify", "orders", "--repair")
        #expect(verify.code == 0 && verify.output.isEmpty, "\(verify)")
        #expect(verify.errors.contains("1 replaced since by the job 'daily'"), "\(verify)")
        let daily = try await project.run("verify", "daily")
        #expect(daily.code == 0, "\(daily)")
    }

    @Test func `Beside a run that replaces everything nothing is found, however often one looks`() async throws {
        let project = try await project(transform: Project.slowTransform(work: 3_000_000))
        for round in 0..<3 {
            let run = try project.start(
                ["run"] + VerifyTests.days + ["--only", "all", "--rewrite", "--workers", "2", "--json"])
            var looks = 0
            while !run.output.contains("\"finished\"") {
                let verify = try await project.run("verify", "--repair", "--deep")
                #expect(verify.code == 0, "round \(round): \(verify)")
                looks += 1
            }
            #expect(looks > 0)
            #expect(try await run.wait() == .exited(0), "\(run.errorOutput)")
        }
        try await expectNoDifference(project)
    }

    @Test func `Ctrl-C ends it with 130`() async throws {
        let project = try await project()
        // As slow as a table that somebody else has locked for a minute.
        let locked = Task {
            try await project.query("BEGIN; LOCK TABLE \(project.schema).partition_progress; SELECT pg_sleep(120)")
        }
        let waiting =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = "
            + "'\(project.schema).partition_progress'::regclass"
        let holding = waiting.replacing("NOT granted", with: "mode = 'AccessExclusiveLock'")
        while try await project.query(holding).first?[0] == "0" { try await Task.sleep(for: .milliseconds(20)) }
        let process = try project.start(["verify"])
        while try await project.query(waiting).first?[0] == "0" { try await Task.sleep(for: .milliseconds(20)) }
        process.send(SIGINT)
        #expect(try await process.wait() == .exited(130), "\(process.errorOutput)")
        try await project.query(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE granted AND relation = "
                + "'\(project.schema).partition_progress'::regclass AND mode = 'AccessExclusiveLock'")
        await #expect(throws: (any Error).self) { try await locked.value }
    }

    @Test func `On a terminal a line shows how far it is, and goes away`() async throws {
        let project = try await project()
        try project.remove("lake/orders/order_date=2024-01-02")
        let process = try project.start(["verify", "--deep", "--workers", "1"], attachment: .terminal(columns: 200))
        #expect(try await process.wait() == .exited(1), "\(process.output)")
        let screen = TerminalScreen(process.output, columns: 200)
        #expect(screen.text.contains { $0.hasPrefix("2024-01-02  gone") }, "\(screen.text)")
        #expect(!screen.text.contains { $0.contains("/6 ") }, "\(screen.text)")
        #expect(screen.text.last == "  reprocess verify --deep --repair")
    }
}

private struct VerifyEvent: Decodable {
    let event: String
    let partition: String?
    let kind: String?
    let checked: Int?
}

extension RunningProcess {
    /// Waits for the end and tells what came out.
    func finished() async throws -> Project.Finished {
        try closeInput()
        switch try await wait(timeout: .seconds(120)) {
        case .exited(let code): return Project.Finished(code: code, output: output, errors: errorOutput)
        case .signalled(let signal): throw TestSupportError("ended by signal \(signal)\n\(errorOutput)")
        }
    }
}

extension Project {
    func lake(_ name: String) -> String { directory.appending("lake/orders/" + name) }

    /// The one file of a day, relative to the table.
    func file(of day: String) -> String {
        let folder = "order_date=\(day)"
        return folder + "/" + (files(below: "lake/orders/" + folder).first ?? "none")
    }

    func append(_ text: String, to file: String) throws {
        guard let handle = FileHandle(forWritingAtPath: lake(file)) else { throw TestSupportError("no file \(file)") }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: lake(from), toPath: lake(to))
    }
}

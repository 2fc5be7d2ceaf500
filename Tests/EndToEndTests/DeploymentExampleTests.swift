import Foundation
import TestSupport
import Testing

/// What stands in examples/cron, examples/systemd and examples/kubernetes, run and checked by what would run it.
@Suite(.timeLimit(.minutes(10))) struct DeploymentExampleTests {
    private static let examples = SharedData.packageDirectory + "/examples"

    /// The environment of a scheduler: the program on the path, and the ledger by its variable.
    private func environment(of project: Project, today: String = "2024-01-11") throws -> [String: String?] {
        let tools = (try RunningProcess.built("reprocess") as NSString).deletingLastPathComponent
        return [
            "PATH": tools + ":/usr/bin:/bin", "REPROCESS_DATABASE_URL": project.conninfo,
            "REPROCESS_CONFIG": project.path + "/reprocess.yaml", "TODAY": today,
        ]
    }

    // MARK: cron

    @Test func `Nightly catch-ups that run at the same time share the days`() async throws {
        let project = try await Project()
        let environment = try environment(of: project)
        let nights = try (1...3).map { _ in
            try RunningProcess(Self.examples + "/cron/catch-up", ["10"], environment: environment, directory: "/")
        }
        for night in nights {
            let end = try await night.wait(timeout: .seconds(300))
            #expect(end == .exited(0), "\(night.errorOutput)")
            // Cron sends a mail for whatever is written.
            #expect(night.output.isEmpty)
            #expect(night.errorOutput.isEmpty, "\(night.errorOutput)")
        }
        let attempts = try await project.query(
            "SELECT count(*), count(DISTINCT partition_key) FROM \(project.schema).attempt WHERE outcome = 'COMPLETE'")
        #expect(attempts == [["10", "10"]])
    }

    @Test func `A night on which a day fails ends with code 1, and mails where all of them stand`() async throws {
        let project = try await Project()
        try project.write("bronze/2024-01-05.csv", "order_date,order_id,amount\n2024-01-05,1,nonsense\n")
        let night = try await FinishedProgram.run(
            Self.examples + "/cron/catch-up", ["10"], environment: environment(of: project), directory: "/")
        #expect(night.end == .exited(1))
        #expect(night.output.contains("2024-01-05"), "\(night.output)")
        #expect(night.output.contains("  COMPLETE     9\n"), "\(night.output)")
    }

    @Test func `A refused night ends with code 2, and says so`() async throws {
        let project = try await Project()
        var environment = try environment(of: project)
        environment["REPROCESS_WORKERS"] = "many"
        let night = try await FinishedProgram.run(
            Self.examples + "/cron/catch-up", ["10"], environment: environment, directory: "/")
        #expect(night.end == .exited(64))
        #expect(night.errorOutput.contains("REPROCESS_WORKERS is 'many'"))
        #expect(night.errorOutput.contains("catch-up: refused"))
    }

    @Test func `The crontab starts it with variables that are options`() throws {
        let text = try String(contentsOfFile: Self.examples + "/cron/reprocess.crontab", encoding: .utf8)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let schedule = try #require(lines.last?.split(separator: " ", omittingEmptySubsequences: true))
        #expect(schedule[..<5].allSatisfy { $0.allSatisfy { "0123456789*/,-".contains($0) } })
        #expect(schedule[5...] == ["reprocess", "reprocess-catch-up", "35"])
    }

    // MARK: systemd

    @Test(
        .enabled(
            if: InstalledProgram.path(of: "systemd-analyze") != nil, "systemd is not installed: apt-get install systemd"
        ))
    func `Systemd has nothing to say against the units`() async throws {
        let folder = try TemporaryDirectory()
        for unit in ["reprocess.service", "reprocess.timer"] {
            let text = try String(contentsOfFile: "\(Self.examples)/systemd/\(unit)", encoding: .utf8)
            // The one thing that is not where the unit says; quoted, since this folder's path may have a space.
            try text.replacing("/usr/local/bin/reprocess-catch-up", with: "\"\(Self.examples)/cron/catch-up\"")
                .write(toFile: folder.appending(unit), atomically: false, encoding: .utf8)
        }
        let units = ["reprocess.service", "reprocess.timer"].map { folder.appending($0) }
        let analyze = try #require(InstalledProgram.path(of: "systemd-analyze"))
        let verified = try await FinishedProgram.run(analyze, ["verify", "--man=no"] + units, directory: folder.path)
        #expect(verified.end == .exited(0), "\(verified.errorOutput)")
        #expect(verified.errorOutput.isEmpty, "\(verified.errorOutput)")
        let calendar = try await FinishedProgram.run(
            analyze, ["calendar", "*-*-* 02:15:00 UTC"], directory: folder.path)
        #expect(calendar.end == .exited(0), "\(calendar.errorOutput)")
        let timer = try String(contentsOfFile: units[1], encoding: .utf8)
        #expect(timer.contains("\nOnCalendar=*-*-* 02:15:00 UTC\n"))
    }

    @Test func `A night that is stopped finishes the day that it is at, and leaves the others`() async throws {
        let service = try String(contentsOfFile: Self.examples + "/systemd/reprocess.service", encoding: .utf8)
        // The signal goes to the process that systemd has started, which is the shell, and to that alone.
        #expect(service.contains("\nKillMode=mixed\n"))
        #expect(service.contains("\nSuccessExitStatus=3 143\n"))
        let project = try await Project()
        let busy = "(SELECT count(*) FROM range(100000000) t(i) WHERE i % 7 = 3) > 0"
        try project.write("transforms/orders.sql", "\(Project.fixedTransform) WHERE \(busy)")
        var environment = try environment(of: project)
        environment["REPROCESS_WORKERS"] = "1"
        let night = try RunningProcess(
            Self.examples + "/cron/catch-up", ["10"], environment: environment, directory: "/")
        try await untilStatus("RUNNING", in: project)
        night.send(SIGTERM)
        #expect(try await night.wait(timeout: .seconds(300)) == .exited(143), "\(night.errorOutput)")
        let ledger = try await project.ledger()
        #expect(ledger.contains { $0.hasSuffix(" COMPLETE") }, "\(ledger)")
        #expect(!ledger.contains { $0.hasSuffix(" RUNNING") }, "\(ledger)")
        #expect(ledger.filter { $0.hasSuffix(" COMPLETE") }.count < 10, "\(ledger)")
    }

    private func untilStatus(_ status: String, in project: Project) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let isThere = try await project.query("SELECT to_regclass('\(project.schema).partition_progress')::text")
            if isThere.first?.first ?? nil != nil,
                try await project.ledger().contains(where: { $0.hasSuffix(" \(status)") })
            {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestSupportError("no partition was \(status)")
    }

    // MARK: Kubernetes

    /// The arguments of the container, which are written as JSON.
    private func jobArguments() throws -> [String] {
        let text = try String(contentsOfFile: Self.examples + "/kubernetes/job.yaml", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains(" args: [") })
        let list = try #require(line.range(of: "args: ").map { String(line[$0.upperBound...]) })
        return try JSONDecoder().decode([String].self, from: Data(list.utf8))
    }

    @Test func `Pods that run the job's command share its range`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-06-30")
        let arguments = try jobArguments()
        var environment = try environment(of: project)
        environment["REPROCESS_WORKERS"] = "2"
        let pods = try (1...4).map { _ in
            try RunningProcess(
                RunningProcess.built("reprocess"), arguments, environment: environment, directory: "/")
        }
        for pod in pods {
            #expect(try await pod.wait(timeout: .seconds(300)) == .exited(0), "\(pod.errorOutput)")
        }
        let attempts = try await project.query(
            "SELECT count(*), count(DISTINCT partition_key) FROM \(project.schema).attempt WHERE outcome = 'COMPLETE'")
        #expect(attempts == [["182", "182"]])
    }

    @Test(.enabled(if: InstalledProgram.path(of: "kubectl") != nil, "kubectl is not installed"))
    func `The job and its configuration are put together`() async throws {
        let kubectl = try #require(InstalledProgram.path(of: "kubectl"))
        let built = try await FinishedProgram.run(
            kubectl, ["kustomize", Self.examples + "/kubernetes"], directory: "/")
        #expect(built.end == .exited(0), "\(built.errorOutput)")
        #expect(built.output.contains("kind: Job"))
        #expect(built.output.contains("orders.sql: |"))
        guard let validate = InstalledProgram.path(of: "kubernetes-validate") else {
            try Test.cancel("kubernetes-validate is not installed: pip install kubernetes-validate")
        }
        let file = try TemporaryDirectory()
        try built.output.write(toFile: file.appending("all.yaml"), atomically: false, encoding: .utf8)
        let valid = try await FinishedProgram.run(
            validate, ["--strict", file.appending("all.yaml")], directory: "/")
        #expect(valid.end == .exited(0), "\(valid.output)\(valid.errorOutput)")
    }
}

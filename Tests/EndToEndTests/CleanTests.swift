import Foundation
import Partitions
import TestSupport
import Testing

/// What `clean` removes and what it must not, with real processes in the middle of their work.
@Suite struct CleanTests {
    /// Two days that were done twice, so that each has a replaced generation.
    private func project() async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        for _ in 0..<2 {
            let run = try await project.run(
                "run", "--from", "2024-01-01", "--to", "2024-01-02", "--only", "all", "--rewrite")
            #expect(run.code == 0, "\(run)")
        }
        return project
    }

    private func everything(_ project: Project) -> [String] { project.files(below: "lake") }

    private func clean(_ project: Project, _ more: String...) async throws -> Project.Finished {
        // The spill folders of other tests' processes are none of this one's business.
        let environment = ["TMPDIR": project.directory.appending("tmp")]
        let clean = try await project.start(["clean"] + more, environment: environment).finished()
        #expect(clean.code == 0, "\(clean)")
        return clean
    }

    /// Starts a run of one day that stops itself at a point, and waits until it has.
    private func sleeper(_ project: Project, at point: String, lease: String) async throws -> RunningProcess {
        let process = try project.start(
            [
                "run", "--dates", "2024-01-01", "--only", "all", "--rewrite", "--workers", "1", "--retries", "0",
                "--lease", lease,
            ],
            environment: ["REPROCESS_FAULT": "\(point):stop"])
        try await process.waitUntilStopped()
        return process
    }

    @Test func `Replaced generations stay for their grace, and go after it`() async throws {
        let project = try await project()
        let before = everything(project)
        #expect(try await clean(project).errors == "orders: nothing to clean up.\n")
        let dry = try await clean(project, "--keep", "0s", "--dry-run")
        #expect(dry.output.split(separator: "\n").count == 2, "\(dry)")
        #expect(dry.output.hasPrefix("would remove  2024-01-01  replaced generation  1 file, "), "\(dry)")
        #expect(dry.errors.contains("would remove 2 replaced generations ("), "\(dry)")
        #expect(everything(project) == before)

        // By the database's clock.
        try await project.query(
            """
            ALTER TABLE \(project.schema).attempt DISABLE TRIGGER guard_ended;
            UPDATE \(project.schema).attempt SET ended_at = now() - interval '8 days' WHERE partition_key = '2024-01-02'
            """)
        let real = try await clean(project)
        #expect(real.output.hasPrefix("removed  2024-01-02  replaced generation  1 file, "), "\(real)")
        #expect(real.output.split(separator: "\n").count == 1)
        #expect(real.errors.contains("removed 1 replaced generation ("), "\(real)")
        #expect(project.files(below: "lake/orders.reprocess/previous").allSatisfy { $0.hasPrefix("2024-01-01/") })
        #expect(try await project.run("verify", "--deep").code == 0)
        #expect(try await clean(project).output.isEmpty)
    }

    @Test func `What a live attempt staged stays, and is published when it goes on`() async throws {
        let project = try await project()
        let sleeper = try await sleeper(project, at: "stagingSynced", lease: "10m")
        let before = project.files(below: "lake/orders.reprocess/staging/2024-01-01")
        #expect(before.contains { $0.contains(".publishing-") })
        let result = try await clean(project, "--keep", "0s", "--unknown", "--json")
        #expect(result.output.contains("\"counts\":{\"record\":2,\"replaced generation\":2}"), "\(result)")
        let after = project.files(below: "lake/orders.reprocess/staging/2024-01-01")
        // The record of what was replaced before has gone with it, and nothing else.
        #expect(after == Array(before.dropFirst()))
        sleeper.send(SIGCONT)
        #expect(try await sleeper.wait() == .exited(0), "\(sleeper.errorOutput)")
        #expect(try await project.run("verify", "--deep").code == 0)
    }

    @Test(arguments: ["staged", "filesNamed", "aboutToExchange"])
    func `What an attempt staged whose lease is over goes, and it publishes nothing when it wakes`(
        point: String
    ) async throws {
        let project = try await project()
        let visible = project.file(of: "2024-01-01")
        let sleeper = try await sleeper(project, at: point, lease: "1s")
        try await project.waitForExpiry(of: "2024-01-01")
        let dry = try await clean(project, "--dry-run")
        #expect(dry.output.hasPrefix("would remove  2024-01-01  staging  1 file, "), "\(dry)")
        let result = try await clean(project)
        #expect(result.output.hasPrefix("removed  2024-01-01  staging  1 file, "), "\(result)")
        sleeper.send(SIGCONT)
        // Its lease was over and nobody has taken over: it is told that its staging has gone, or gives up by itself.
        _ = try await sleeper.wait()
        #expect(project.file(of: "2024-01-01") == visible)
        let run = try await project.run("run", "--dates", "2024-01-01..2024-01-02")
        #expect(run.code == 0, "\(run)")
        #expect(try await project.run("verify", "--deep").code == 0)
        #expect(try await project.sumOfAmounts() == "121.00")
    }

    @Test func `A publish of a dead process is finished, and the next run adopts it`() async throws {
        let project = try await project()
        let dying = try project.start(
            ["run", "--dates", "2024-01-01", "--only", "all", "--rewrite", "--lease", "1s"],
            environment: ["REPROCESS_FAULT": "exchanged:kill"])
        #expect(try await dying.wait() == .signalled(SIGKILL))
        let visible = project.file(of: "2024-01-01")
        try await project.waitForExpiry(of: "2024-01-01")
        let result = try await clean(project)
        #expect(result.output.hasPrefix("finished  2024-01-01  unfinished publish"), "\(result)")
        let run = try await project.run("run", "--dates", "2024-01-01", "--json")
        #expect(run.output.contains("\"adopted\":true"), "\(run)")
        #expect(project.file(of: "2024-01-01") == visible)
        #expect(project.files(below: "lake/orders.reprocess/previous/2024-01-01").count == 2)
    }

    @Test func `What another ledger's attempts left stays and is told, unless there is no other ledger`() async throws {
        let project = try await project()
        try await project.query("DELETE FROM \(project.schema).attempt WHERE partition_key = '2024-01-02'")
        let left = try await clean(project, "--keep", "0s")
        #expect(left.output.contains("left, unknown  2024-01-02  replaced generation"), "\(left)")
        #expect(left.errors.contains("--unknown"), "\(left)")
        #expect(project.files(below: "lake/orders.reprocess/previous").count == 1)
        let all = try await clean(project, "--unknown")
        #expect(all.output.hasPrefix("removed  2024-01-02  replaced generation"), "\(all)")
        #expect(project.files(below: "lake/orders.reprocess/previous").isEmpty)
        #expect(try await project.run("verify").code == 0)
    }

    @Test func `Many cleanings beside a run that replaces everything take nothing away that is needed`() async throws {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-10", transform: Project.slowTransform(work: 2_000_000))
        for _ in 0..<2 {
            let run = try project.start(
                [
                    "run", "--from", "2024-01-01", "--to", "2024-01-10", "--only", "all", "--rewrite", "--workers", "2",
                    "--json",
                ])
            while !run.output.contains("\"finished\"") {
                let cleanings = try (0..<2).map { _ in
                    try project.start(
                        ["clean", "--keep", "0s", "--json"], environment: ["TMPDIR": project.directory.appending("tmp")]
                    )
                }
                for cleaning in cleanings {
                    #expect(try await cleaning.wait() == .exited(0), "\(cleaning.errorOutput)")
                }
            }
            #expect(try await run.wait() == .exited(0), "\(run.errorOutput)")
            #expect(run.output.contains("\"complete\":10"), "\(run.output)")
        }
        #expect(try await project.run("verify", "--deep").code == 0)
        _ = try await clean(project, "--keep", "0s")
        #expect(project.files(below: "lake/orders.reprocess/previous").isEmpty)
        #expect(project.files(below: "lake/orders.reprocess/staging").count == 10)
        #expect(try await project.sumOfAmounts() == "605.00")
    }

    @Test func `The folder into which a killed process's engine spilled goes, and a living one's stays`() async throws {
        let project = try await Project(transform: Project.slowTransform(work: 90_000_000_000))
        let temporary = project.directory.appending("tmp")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        let environment: [String: String?] = ["TMPDIR": temporary]
        func spills() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: temporary).filter { $0.hasPrefix("reprocess-spill-") }
        }
        let run = try project.start(
            ["run", "--from", "2024-01-01", "--to", "2024-01-10", "--json"], environment: environment)
        try await run.wait(untilOutputContains: "\"claimed\"")
        let spill = try #require(try spills().first)
        #expect(try await clean(project).output.isEmpty)
        run.send(SIGKILL)
        #expect(try await run.wait() == .signalled(SIGKILL))
        let dry = try await clean(project, "--dry-run")
        #expect(dry.output.contains("would remove  spill folder  0 files, 0 B  tmp/\(spill)\n"), "\(dry)")
        #expect(try spills() == [spill])
        _ = try await clean(project)
        #expect(try spills().isEmpty)
    }

    @Test func `A finished program leaves no spill folder`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let temporary = project.directory.appending("tmp")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        for arguments in [["run", "--dates", "2024-01-01"], ["verify", "--deep"], ["doctor"]] {
            let result = try await project.start(arguments, environment: ["TMPDIR": temporary]).finished()
            #expect(result.code == 0, "\(result)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty, "\(arguments)")
        }
    }
}

extension Project {
    /// Waits, by the database's clock, until the lease of a partition is over.
    fileprivate func waitForExpiry(of key: String) async throws {
        let sql = "SELECT lease_expires_at < now() FROM \(schema).partition_progress WHERE partition_key = '\(key)'"
        while try await query(sql).first?[0] != "t" { try await Task.sleep(for: .milliseconds(50)) }
    }
}

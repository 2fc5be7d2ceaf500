import Foundation
import TestSupport
import Testing

/// Processes that stand back behind the other programs of their machine, and behind each other.
@Suite(.timeLimit(.minutes(5))) struct GentleTests {
    private static let oneDay = ["--from", "2024-01-01", "--to", "2024-01-01"]

    /// The priority of each thread of a process.
    private func threads(of process: RunningProcess) throws -> [(id: String, nice: Int)] {
        try threads(below: "/proc/\(process.id)/task")
    }

    private func threads(below folder: String) throws -> [(id: String, nice: Int)] {
        try FileManager.default.contentsOfDirectory(atPath: folder).map { id in
            let stat = try String(contentsOfFile: "\(folder)/\(id)/stat", encoding: .utf8)
            // The name before may hold anything; the nice value is the nineteenth field (proc_pid_stat(5)).
            let fields = try #require(stat.components(separatedBy: ") ").last).split(separator: " ")
            return (id, try #require(Int(fields[16])))
        }
    }

    private func ioClasses(of threads: [String]) async throws -> Set<String> {
        let told = try await FinishedProgram.run("/usr/bin/ionice", ["-p"] + threads, directory: "/").output
        return Set(told.split(separator: "\n").map(String.init))
    }

    private func slowProject(_ more: String = "") async throws -> Project {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-02", transform: Project.slowTransform(work: 90_000_000_000))
        try project.write(
            "reprocess.yaml",
            "engine: { threads: 12 }\n" + Project.configuration(schema: project.schema, extra: more))
        return project
    }

    @Test(
        arguments: [
            (["--nice", "7"], [:], "", 7, "best-effort: prio 7"), (["--nice", "19"], [:], "", 19, "idle"),
            ([], ["REPROCESS_NICE": "5"], "    run: { nice: 3 }", 5, "best-effort: prio 7"),
            ([], [:], "    run: { nice: 3 }", 3, "best-effort: prio 7"),
        ] as [([String], [String: String], String, Int, String)])
    func `Every thread stands back, the engine's and our own`(
        options: [String], environment: [String: String], configuration: String, nice: Int, ioClass expected: String
    ) async throws {
        let project = try await slowProject(configuration)
        let process = try project.start(
            ["run", "--json", "--workers", "2"] + Self.oneDay + options, environment: environment.mapValues { $0 })
        try await process.wait(untilOutputContains: "\"claimed\"")
        // The engine has a thread less than it was told: the one that calls is the other.
        while try threads(of: process).count < 16 { try await Task.sleep(for: .milliseconds(20)) }
        let found = try threads(of: process)
        #expect(found.allSatisfy { $0.nice == nice }, "\(found)")
        #expect(try await ioClasses(of: found.map(\.id)) == [expected])
        process.send(SIGKILL)
        try await process.wait()
    }

    @Test func `A command of the run stands back as well, further where it wants, and does not come forward`()
        async throws
    {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let command = "nice >> told; nice -n 5 nice >> told; nice -n -9 nice >> told 2> /dev/null"
        let run = try project.start(["run", "--nice", "7", "--notify", command] + Self.oneDay)
        #expect(try await run.wait() == .exited(0), "\(run.errorOutput)")
        #expect(try String(contentsOfFile: project.path + "/told", encoding: .utf8) == "7\n12\n7\n")
    }

    @Test func `Without the option nothing is lowered`() async throws {
        let project = try await slowProject()
        let process = try project.start(["run", "--json", "--nice", "0"] + Self.oneDay)
        try await process.wait(untilOutputContains: "\"claimed\"")
        let own = try #require(try threads(below: "/proc/self/task").first?.nice)
        // Dispatch raises some of them where it may.
        #expect(try threads(of: process).allSatisfy { $0.nice <= own })
        process.send(SIGKILL)
        try await process.wait()
    }

    @Test(
        arguments: [
            (["--nice", "20"], [:], "--nice is '20', but must be a whole number, 0 to 19."),
            (["--nice", "-5"], [:], "--nice"), ([], ["REPROCESS_NICE": "much"], "REPROCESS_NICE is 'much'"),
            (["--memory", "4"], [:], "--memory: '4' is not a size"), (["--memory", "lots"], [:], "--memory: 'lots'"),
            (["--memory", "0GB"], [:], "--memory: '0GB'"),
            ([], ["REPROCESS_MEMORY": "4 bytes"], "REPROCESS_MEMORY: '4 bytes'"),
        ] as [([String], [String: String], String)])
    func `A wrong value is named`(options: [String], environment: [String: String], message: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let process = try project.start(
            ["run"] + Self.oneDay + options, environment: environment.mapValues { $0 })
        #expect(try await process.wait() == .exited(64), "\(process.errorOutput)")
        #expect(process.errorOutput.contains(message), "\(process.errorOutput)")
    }

    @Test func `A wrong value in the configuration is named`() async throws {
        let project = try await slowProject("    run: { nice: 20 }")
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-01")
        #expect(run.code == 2 && run.errors.contains("'20'") && run.errors.contains("0 to 19"), "\(run)")
    }

    @Test func `The memory of the engine is what the command line says, else what the configuration does`() async throws
    {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-01",
            transform: Project.fixedTransform + "\nWHERE current_setting('memory_limit') = '3.0 GiB'\n")
        try project.write(
            "reprocess.yaml",
            "engine: { memory_limit: 1GiB }\n"
                + Project.configuration(schema: project.schema, target: ", allow_empty: true"))
        for (environment, options, rows) in [
            ([:], ["--memory", "3GiB"], 10), (["REPROCESS_MEMORY": "3GiB"], [], 10), ([:], [], 0),
            (["REPROCESS_MEMORY": "3GiB"], ["--memory", "2GiB"], 0),
        ] as [([String: String], [String], Int)] {
            let process = try project.start(
                ["run", "--json", "--only", "all", "--rewrite"] + Self.oneDay + options,
                environment: environment.mapValues { $0 })
            #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
            #expect(process.output.contains("\"rows\":\(rows),"), "\(environment) \(options) \(process.output)")
        }
    }

    @Test func `Three processes within one limit have a fair part each`() async throws {
        let project = try await Project(
            days: "2024-01-01"..."2024-02-29", transform: Project.slowTransform(work: 100_000_000))
        let arguments = [
            "run", "--from", "2024-01-01", "--to", "2024-02-29", "--json", "--workers", "3", "--max-running", "3",
        ]
        // The first one has all of the limit before the others come.
        let first = try project.start(arguments)
        try await first.wait(untilOutputContains: "\"claimed\"")
        let processes = [first] + (try (0..<2).map { _ in try project.start(arguments) })
        while !processes.allSatisfy(\.hasEnded) {
            let running = try await project.query(
                "SELECT count(*) FROM \(project.schema).partition_progress WHERE status = 'RUNNING'")
            #expect(try #require(running.first?[0].flatMap { Int($0) }) <= 3)
            try await Task.sleep(for: .milliseconds(20))
        }
        for process in processes { #expect(try await process.wait() == .exited(0), "\(process.errorOutput)") }
        let counts = processes.map { $0.output.components(separatedBy: "\"event\":\"completed\"").count - 1 }
        #expect(counts.reduce(0, +) == 60, "\(counts)")
        #expect(counts.allSatisfy { $0 >= 6 }, "\(counts)")
    }
}

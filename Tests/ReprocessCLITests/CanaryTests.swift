import Foundation
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// `run --canary`, over a real ledger and real files.
@Suite struct CanaryTests {
    private static let range = OrdersProject.range
    private static let canary = ["run", "--canary"] + range

    /// Waits until the canaries are held, by what another process sees.
    private func awaitHeld(_ project: OrdersProject) async throws {
        while true {
            let status = try await project.json(["status"]).object
            if (status["counts"] as? [String: Int])?["HELD"] == 2 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `Approved from elsewhere, the rest goes on, and all that changed is told at the end`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        async let running = project.run(Self.canary + ["--json"])
        try await awaitHeld(project)
        let approval = try await project.run("approve", "--all", "--reason", "seen")
        #expect(approval.output.split(separator: "\n").count == 2)
        let result = try await running
        #expect(result.code == .complete)
        let events = try result.output.split(separator: "\n").map { try OrdersProject.lastObject(of: String($0)) }
        let names = events.compactMap { $0["event"] as? String }
        #expect(names.filter { $0 == "awaiting_approval" }.count == 1)
        #expect(names.filter { $0 == "canary_finished" }.count == 1)
        #expect(names.last == "finished")
        #expect((events.last?["changed"] as? [String])?.count == 7)
    }

    @Test(.timeLimit(.minutes(5)))
    func `Rejected from elsewhere, nothing else is run`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        async let running = project.run(Self.canary)
        try await awaitHeld(project)
        _ = try await project.run("reject", "2024-01-01", "2024-01-07", "--reason", "no")
        let result = try await running
        #expect(result.code == .stopped)
        #expect(result.messages.contains("The canary was not approved, and nothing else is run."), "\(result.messages)")
        let plan = try await project.run(["plan"] + Self.range).output
        #expect(plan.contains("run   2024-01-02 to 2024-01-06 (5)  stale transform\n"), "\(plan)")
    }

    private func told(_ project: OrdersProject) throws -> [[String: Any]] {
        let path = project.directory.appending("told")
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try OrdersProject.lastObject(of: String($0))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["approve", "reject"])
    func `Whoever started it is told once that it waits, and once how it ended`(word: String) async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        async let running = project.run(Self.canary + ["--notify", "cat >> told"])
        while try told(project).isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        let waits = try #require(try told(project).first)
        #expect(waits["event"] as? String == "awaiting_approval")
        #expect(waits["held"] as? Int == 2 && waits["exit_code"] is NSNull && waits["run"] as? Int == 2)
        let held = waits["held_partitions"] as? [[String: String]]
        #expect(held?.compactMap { $0["partition"] } == ["2024-01-01", "2024-01-07"])
        let decide = waits["decide"] as? [String: String]
        #expect(decide?["approve"] == "reprocess approve 2024-01-01 2024-01-07 --reason '…'")
        #expect(decide?["reject"]?.hasPrefix("reprocess reject") == true && decide?["diff"] != nil)
        #expect((waits["message"] as? String)?.contains("run 2 awaits approval: 0 complete, 2 held") == true)
        _ = try await project.run(word, "--all", "--reason", "seen")
        let result = try await running
        #expect(result.code == (word == "approve" ? .complete : .stopped), "\(result.messages)")
        let all = try told(project)
        #expect(all.map { $0["event"] as? String } == ["awaiting_approval", word == "approve" ? "finished" : "failed"])
        // Nothing waits any more.
        #expect(all.last?["held"] as? Int == 0 && all.last?["decide"] is NSNull)
        #expect(all.last?["complete"] as? Int == (word == "approve" ? 5 : 0))
        if word == "reject" {
            #expect(all.last?["cause"] as? String == "The canary was not approved, and nothing else is run.")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `A log has the canary, its difference and the waiting as events`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        async let running = project.run(Self.canary + ["--log-format", "json"])
        try await awaitHeld(project)
        _ = try await project.run("approve", "--all", "--reason", "seen")
        let result = try await running
        #expect(result.code == .complete)
        let events = try result.messages.split(separator: "\n").map { try OrdersProject.lastObject(of: String($0)) }
        func found(_ name: String) -> [[String: Any]] { events.filter { $0["event"] as? String == name } }
        for name in ["canary_finished", "canary", "awaiting_approval", "finished"] {
            #expect(found(name).count == 1, "\(name)")
        }
        let waits = found("awaiting_approval").first
        #expect(
            waits?["level"] as? String == "warning"
                && waits?["partitions"] as? [String] == ["2024-01-01", "2024-01-07"])
        #expect((waits?["decide"] as? [String: String])?["approve"]?.hasPrefix("reprocess approve") == true)
        let diff = (found("canary").first?["diff"] as? [String: Any])?["partitions"] as? [[String: Any]]
        #expect(diff?.map { $0["partition"] as? String } == ["2024-01-01", "2024-01-07"])
        #expect(diff?.first?["changed_columns"] as? [String] == ["amount_usd"])
        // A log has no value of a row.
        let names = try #require(diff?.first).keys
        #expect(["old", "new", "min", "max", "audits"].allSatisfy { !names.contains($0) })
    }

    @Test(.timeLimit(.minutes(5)))
    func `A stop leaves the canary held`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        let stop = StopSignal()
        async let running = project.run(Self.canary, stop: stop)
        try await awaitHeld(project)
        stop.request(.drain)
        #expect(try await running.code == .stopped)
        #expect(try await project.run("approve", "--all", "--reason", "seen").code == .complete)
    }

    @Test func `Yes approves what nothing speaks against`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        let fine = try await project.json(Self.canary + ["--yes"])
        #expect(fine.code == .complete)
        #expect((fine.object["changed"] as? [String])?.count == 7)
        try project.change(rate: "1.3", without: ["2024-01-07"])
        let emptied = try await project.run(Self.canary + ["--yes"])
        #expect(emptied.code == .incomplete)
        #expect(emptied.messages.contains("  2024-01-07  it would become empty\n"), "\(emptied.messages)")
        let status = try await project.json(["status"]).object
        #expect((status["counts"] as? [String: Int])?["HELD"] == 2)
    }

    @Test func `A canary that changes nothing lets the rest go on`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.10")
        let result = try await project.run(Self.canary)
        #expect(result.code == .complete)
        #expect(result.messages.contains("The canary changes nothing that the table holds. Going on."))
    }

    @Test(.timeLimit(.minutes(5)), arguments: [("y\n", ExitCode.complete, 0), ("n\n", .stopped, 2)])
    func `At a terminal it is asked`(answer: String, code: ExitCode, held: Int) async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        let terminal = try PseudoTerminal()
        async let running = project.run(Self.canary, terminal: terminal.program)
        while !terminal.seen().contains("[y/N] ") { try await Task.sleep(for: .milliseconds(50)) }
        #expect(terminal.seen().contains("Publish these 2 partitions and go on with the other 5?"))
        terminal.type(answer)
        // A full screen would stop the program.
        let reading = Task {
            while !Task.isCancelled {
                _ = terminal.seen()
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(try await running.code == code)
        reading.cancel()
        let status = try await project.json(["status"]).object
        #expect((status["counts"] as? [String: Int])?["HELD"] == held)
    }
}

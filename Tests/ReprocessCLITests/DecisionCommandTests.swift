import Foundation
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// What is held, looked at, decided and taken back, over a real ledger and real files.
@Suite struct DecisionCommandTests {
    private static let range = OrdersProject.range

    @Test func `What would become empty is held, looked at and rejected`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.1", without: ["2024-01-04"])
        let run = try await project.run(["run"] + Self.range)
        #expect(run.code == .incomplete)
        #expect(run.messages.contains("7 partitions"))
        #expect(run.messages.contains("daily_orders: 6 complete (6 unchanged), 1 held\n"), "\(run.messages)")
        #expect(run.messages.contains("  reprocess diff 2024-01-04\n"))
        #expect(run.messages.contains("  reprocess approve 2024-01-04 --reason '…'\n"))

        let status = try await project.run("status").output
        #expect(status.contains("  HELD         1\n"))
        #expect(status.contains("  reprocess reject 2024-01-04 --reason '…'\n"))
        #expect(try await project.run("diff", "--held").output.contains("  2024-01-04  HELD  20 → 0 rows (-100%)"))
        let rows = try await project.run("diff", "2024-01-04", "--rows", "--key", "order_id", "--sample", "1").output
        #expect(rows.contains("  0 added, 20 removed, 0 changed, 0 equal (rows by order_id)\n"), "\(rows)")
        #expect(rows.contains("  and 19 more removed\n"))

        let reject = try await project.run("reject", "2024-01-04", "2024-01-05", "--reason", "cut off", "--by", "ann")
        #expect(reject.code == .incomplete)
        let lines = reject.output.split(separator: "\n")
        #expect(lines.first == "2024-01-04  rejected; what was held is dropped")
        #expect(lines.last?.hasPrefix("2024-01-05  not held: it is COMPLETE since ") == true)
        let explained = try await project.run("explain", "2024-01-04").output
        #expect(explained.contains("REJECTED by ann"), "\(explained)")
        #expect(explained.contains("cut off"))
        #expect(try await project.run("diff", "2024-01-04").output.contains(": dropped, nothing published"))
        #expect(try await project.run("diff", "--held").output == "daily_orders: nothing is held\n")
        #expect(try await project.run("reject", "--all", "--reason", "x").code == .complete)
        #expect(try await project.run("reject", "2024-01-01..2024-01-07", "--reason", "x").code == .incomplete)
    }

    @Test func `A run can be undone, and the undo too`() async throws {
        let project = try await OrdersProject.done()
        try project.change(rate: "1.2")
        let (code, finished) = try await project.json(["run"] + Self.range)
        #expect(code == .complete)
        #expect((finished["changed"] as? [String])?.count == 7)
        #expect(finished["run"] as? Int == 2)

        let dry = try await project.run("undo", "--run", "2", "--dry-run").output
        #expect(dry.split(separator: "\n").count == 7)
        #expect(dry.hasPrefix("2024-01-01  would be put back: 20 rows, "))
        let undo = try await project.run("undo", "--run", "2", "--reason", "wrong", "--yes")
        #expect(undo.code == .complete)
        #expect(undo.messages.contains("To undo this:\n  reprocess undo --run 3 --reason '…'\n"), "\(undo.messages)")
        let again = try await project.run("undo", "--run", "2", "--reason", "wrong", "--yes")
        #expect(again.code == .incomplete)
        #expect(again.output.contains("2024-01-01  refused: "))
        #expect(again.messages.contains("With --force"))
        let redo = try await project.json(["undo", "--run", "3", "--reason", "right after all", "--yes"])
        #expect(redo.code == .complete)
        #expect(
            (redo.object["partitions"] as? [[String: Any]])?.allSatisfy { $0["outcome"] as? String == "put_back" }
                == true)

        let report = try await project.json(["report", "--run", "3"]).object
        #expect((report["changed"] as? [String])?.count == 7)
        #expect(report["reason"] as? String == "wrong")
        let diff = try await project.run("diff", "--run", "3").output
        #expect(diff.hasPrefix("daily_orders, run 3: 7 partitions, 7 changed\n"), "\(diff)")
        #expect(diff.contains("  amount_usd\n"))
        let history = try await project.json(["explain", "2024-01-01"]).object
        let kinds = (history["attempts"] as? [[String: Any]])?.map { $0["kind"] as? String }
        #expect(kinds == ["run", "run", "undo", "undo"])
        #expect((history["decisions"] as? [Any])?.count == 2)
        #expect((history["undo"] as? [String: Any])?["outcome"] as? String == "would_put_back")
        #expect(try await project.run("verify").code == .complete)
        let unknown = try await project.run("undo", "--run", "99", "--reason", "x", "--yes")
        #expect(unknown.code == .refused)
        #expect(
            unknown.messages == "error: The ledger knows no run 99. The last one of daily_orders is 4.\n")
    }

    @Test func `A file that was touched is a stale source, and its equal result changes nothing`() async throws {
        let project = try await OrdersProject.done()
        let file = project.directory.appending("data/bronze/orders/2024-01-02.csv")
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file)
        let plan = try await project.run(["plan"] + Self.range).output
        #expect(plan.contains("run   2024-01-02 (1)                stale source\n"), "\(plan)")
        let ignoring = try await project.run(["plan", "--ignore", "source"] + Self.range).output
        #expect(ignoring.contains("0 to run"))
        let finished = try await project.json(["run"] + Self.range).object
        #expect(finished["unchanged"] as? Int == 1)
        #expect((finished["changed"] as? [String])?.isEmpty == true)
        let report = try await project.run("report").output
        #expect(report.contains("  unchanged  1  2024-01-02\n"), "\(report)")
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 2)], ofItemAtPath: file)
        let rewritten = try await project.json(["run", "--rewrite"] + Self.range).object
        #expect(rewritten["changed"] as? [String] == ["2024-01-02"])
    }
}

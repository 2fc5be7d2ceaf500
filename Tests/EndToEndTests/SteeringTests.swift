import Foundation
import TestSupport
import Testing

/// A run of one terminal, steered from another.
@Suite(.timeLimit(.minutes(5))) struct SteeringTests {
    private static let slowTransform = """
        SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount,
            round(amount::DECIMAL(12, 2) * 1.10, 2) AS amount_usd
        FROM source
        WHERE (SELECT sum(sqrt(i)) FROM range(6000000) AS numbers (i)) > 0
        """
    private static let range = ["--from", "2024-01-01", "--to", "2024-03-31"]

    private func waitUntilNothingRuns(_ project: Project) async throws {
        while try await project.ledger().contains(where: { $0.hasSuffix("RUNNING") }) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func `Two processes are paused, retuned, resumed and cancelled by a third`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-03-31", transform: Self.slowTransform)
        let arguments = ["run"] + Self.range + ["--workers", "1", "--json"]
        let processes = try (0..<2).map { _ in try project.start(arguments) }
        for process in processes { try await process.wait(untilOutputContains: "\"completed\"") }

        let paused = try await project.run("pause", "--reason", "month-end closing", "--by", "ann")
        #expect(paused.code == 0, "\(paused)")
        #expect(paused.errors.split(separator: "\n").count == 2, "\(paused)")
        for process in processes { try await process.wait(untilOutputContains: "\"event\":\"paused\"") }
        try await waitUntilNothingRuns(project)
        let complete = try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count
        #expect(complete < 91)
        let status = try await project.run("status")
        #expect(status.output.contains("paused by ann"), "\(status)")
        #expect(status.output.contains("month-end closing"), "\(status)")

        // At this pace there is something left to cancel, however busy the machine is.
        #expect(try await project.run("set", "workers=3", "order=newest", "rate=60/min").code == 0)
        for process in processes { try await process.wait(untilOutputContains: "\"event\":\"set\"") }
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == complete)
        #expect(try await project.run("resume").code == 0)
        for process in processes { try await process.wait(untilOutputContains: "\"event\":\"resumed\"") }
        while !project.partitions().contains("order_date=2024-03-31") { try await Task.sleep(for: .milliseconds(50)) }

        let cancelled = try await project.run("cancel", "--reason", "wrong month", "--json")
        #expect(cancelled.code == 0, "\(cancelled)")
        for process in processes { #expect(try await process.wait() == .exited(3), "\(process.errorOutput)") }
        let rows = try await project.ledger()
        #expect(rows.allSatisfy { $0.hasSuffix("COMPLETE") || $0.hasSuffix("CANCELLED") }, "\(rows)")
        #expect(rows.contains { $0.hasSuffix("CANCELLED") })
        #expect(try await project.run("pause").code == 1, "nothing is at work any more")

        let rest = try await project.run("run", "--from", "2024-01-01", "--to", "2024-03-31", "--workers", "4")
        #expect(rest.code == 0, "\(rest)")
        #expect(try await project.ledger().allSatisfy { $0.hasSuffix("COMPLETE") })
    }

    @Test func `A broken source pauses the run with code 3, and says how to go on`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-20")
        for day in 8...20 { try project.remove("bronze/2024-01-\(day < 10 ? "0" : "")\(day).csv") }
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-20", "--workers", "1")
        #expect(run.code == 3, "\(run)")
        #expect(run.errors.contains("5 partitions in a row failed with the same error"), "\(run)")
        #expect(run.errors.contains("reprocess run --from 2024-01-01 --to 2024-01-20"), "\(run)")
        let rows = try await project.ledger()
        #expect(rows.filter { $0.hasSuffix("FAILED") }.count == 5, "\(rows)")
        #expect(rows.filter { $0.hasSuffix("PENDING") }.count == 8, "\(rows)")
        for key in try Project.keys("2024-01-08"..."2024-01-20") { try project.writeBronze(key) }
        #expect(try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-20").code == 0)
    }
}

import Foundation
import TestSupport
import Testing

/// A daily pipeline in Python and a backfill fight for the same day, as real processes on one ledger.
@Suite(.timeLimit(.minutes(4))) struct DailyPipelineTests {
    @Test func `The pipeline makes its day, and a second time finds it done`() async throws {
        let project = try await DailyProject()
        // The ledger is made by the program, and the table's name comes from its first run.
        let first = try project.startBackfill(day: "2024-01-01")
        #expect(try await first.wait() == .exited(0), "\(first.errorOutput)")
        for text in ["complete, 10 rows", "is complete already"] {
            let daily = try project.startDaily()
            #expect(try await daily.wait() == .exited(0), "\(daily.errorOutput)")
            #expect(daily.errorOutput.contains(text))
        }
        #expect(try await project.rowsOfDay() == "10 60.50")
        #expect(try await project.attempts() == ["daily COMPLETE"])
        #expect(project.staged.isEmpty)
        // What the pipeline has done counts for the backfill.
        #expect(try await project.plannedReason() == "complete")
    }

    @Test func `The backfill waits for the day that the pipeline has, and does the others`() async throws {
        let project = try await DailyProject()
        #expect(try await project.startBackfill(day: "2024-01-01").wait() == .exited(0))
        let daily = try await project.startDailyThatWaits()
        #expect(try await project.plannedReason() == "running elsewhere")
        let backfill = try project.startBackfill()
        try await project.wait(
            until: "count(*) = 4 FROM reprocess.partition_progress WHERE status = 'COMPLETE'")
        try project.write("go", "")
        #expect(try await daily.wait() == .exited(0), "\(daily.errorOutput)")
        #expect(try await backfill.wait() == .exited(0), "\(backfill.errorOutput)")
        #expect(backfill.output.contains("\"finished_elsewhere\""))
        #expect(try await project.attempts() == ["daily COMPLETE"])
        #expect(project.files.allSatisfy { $0.hasPrefix("daily-") })
        #expect(try await project.rowsOfDay() == "10 60.50")
    }

    @Test func `While the backfill has the day, the pipeline says who has it, or waits`() async throws {
        let project = try await DailyProject()
        let backfill = try project.startBackfill(day: DailyProject.day, fault: "staged:stop")
        try await backfill.wait(untilOutputContains: "\"claimed\"")
        try await project.wait(until: "count(*) = 1 FROM reprocess.attempt WHERE outcome = 'RUNNING'")
        let refused = try project.startDaily()
        #expect(try await refused.wait() == .exited(75), "\(refused.errorOutput)")
        #expect(refused.errorOutput.contains("\(DailyProject.day) is running elsewhere, by "))
        let patient = try project.startDaily("--wait", "100")
        try await patient.wait(untilOutputContains: "running elsewhere")
        backfill.send(SIGCONT)
        // The stop may come after the first signal: it has no effect on a process that runs.
        while !backfill.hasEnded {
            backfill.send(SIGCONT)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try await backfill.wait() == .exited(0), "\(backfill.errorOutput)")
        #expect(try await patient.wait() == .exited(0), "\(patient.errorOutput)")
        #expect(patient.errorOutput.contains("is complete already"))
        #expect(try await project.attempts() == ["backfill COMPLETE"])
    }

    @Test func `A pipeline that is killed leaves the day to the backfill, and nothing in the table`() async throws {
        let project = try await DailyProject()
        #expect(try await project.startBackfill(day: "2024-01-01").wait() == .exited(0))
        let daily = try await project.startDailyThatWaits("--lease", "2")
        #expect(project.files.isEmpty)
        daily.send(SIGKILL)
        // The judge outlives it, and holds its outputs open.
        try project.write("go", "")
        #expect(try await daily.wait() == .signalled(SIGKILL))
        let backfill = try project.startBackfill()
        #expect(try await backfill.wait() == .exited(0), "\(backfill.errorOutput)")
        #expect(try await project.attempts() == ["daily LOST", "backfill COMPLETE"])
        #expect(try await project.rowsOfDay() == "10 60.50")
    }

    @Test func `A pipeline that slept through its lease publishes nothing when it wakes up`() async throws {
        let project = try await DailyProject()
        #expect(try await project.startBackfill(day: "2024-01-01").wait() == .exited(0))
        let daily = try await project.startDailyThatWaits("--lease", "2")
        daily.send(SIGSTOP)
        let backfill = try project.startBackfill()
        #expect(try await backfill.wait() == .exited(0), "\(backfill.errorOutput)")
        let files = project.files
        #expect(files.count == 1)
        try project.write("go", "")
        daily.send(SIGCONT)
        #expect(try await daily.wait() == .exited(75), "\(daily.errorOutput)")
        #expect(daily.errorOutput.contains("was taken over"))
        #expect(project.files == files)
        #expect(project.staged.isEmpty)
        #expect(try await project.attempts() == ["daily LOST", "backfill COMPLETE"])
    }

    @Test func `A second pipeline takes the staged files of one that sleeps away`() async throws {
        let project = try await DailyProject()
        #expect(try await project.startBackfill(day: "2024-01-01").wait() == .exited(0))
        let asleep = try await project.startDailyThatWaits("--lease", "2")
        asleep.send(SIGSTOP)
        let second = try project.startDaily("--wait", "100")
        #expect(try await second.wait() == .exited(0), "\(second.errorOutput)")
        #expect(project.staged.isEmpty)
        let files = project.files
        try project.write("go", "")
        asleep.send(SIGCONT)
        #expect(try await asleep.wait() != .exited(0))
        #expect(project.files == files)
        #expect(try await project.attempts() == ["daily LOST", "daily COMPLETE"])
    }

    /// What the documentation says of a process of this program that was stopped in its very last step.
    @Test func `A backfill that wakes up in its last step puts the pipeline's files back`() async throws {
        let project = try await DailyProject()
        // The day has files already, so that the last step is an exchange.
        #expect(try await project.startBackfill().wait() == .exited(0))
        let backfill = try project.startBackfill(
            "--only", "all", "--rewrite", "--lease", "2s", day: DailyProject.day, fault: "aboutToExchange:stop")
        try await backfill.wait(untilOutputContains: "\"claimed\"")
        let daily = try project.startDaily("--wait", "100")
        #expect(try await daily.wait() == .exited(0), "\(daily.errorOutput)")
        #expect(try await project.attempts() == ["backfill COMPLETE", "backfill LOST", "daily COMPLETE"])
        let files = project.files
        #expect(files.count == 1 && files[0].hasPrefix("daily-"))
        while !backfill.hasEnded {
            backfill.send(SIGCONT)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try await backfill.wait() == .exited(0), "\(backfill.errorOutput)")
        #expect(project.files == files)
        #expect(try await project.attempts() == ["backfill COMPLETE", "backfill LOST", "daily COMPLETE"])
    }

    @Test func `Without a ledger the pipeline is refused`() async throws {
        let daily = try await DailyProject().startDaily()
        #expect(try await daily.wait() == .exited(2), "\(daily.errorOutput)")
        #expect(daily.errorOutput.contains("reprocess"))
    }

    @Test func `A day whose source is missing is FAILED with the reason, and done when it is there`() async throws {
        let project = try await DailyProject()
        #expect(try await project.startBackfill(day: "2024-01-01").wait() == .exited(0))
        let source = "bronze/\(DailyProject.day).csv"
        try project.remove(source)
        let failed = try project.startDaily()
        #expect(try await failed.wait() == .exited(1), "\(failed.errorOutput)")
        let row = try await project.query(
            "SELECT status, error_message FROM reprocess.partition_progress WHERE partition_key = '\(DailyProject.day)'"
        )
        #expect(row.first?.first == "FAILED")
        #expect(row.first?.last??.contains(source) == true)
        #expect(project.files.isEmpty)
        try project.write(source, "order_date,order_id,amount\n\(DailyProject.day),1,1.00\n")
        let daily = try project.startDaily()
        #expect(try await daily.wait() == .exited(0), "\(daily.errorOutput)")
        #expect(try await project.attempts() == ["daily FAILED", "daily COMPLETE"])
    }
}

import Foundation
import Lakehouse
import PartitionBackfill
import Partitions
import TestSupport
import Testing
import Transforms

@testable import ReprocessCLI

/// What `verify` and `clean` say.
@Suite struct VerifyTextTests {
    private static let key = PartitionKey(granularity: .day, ordinal: 19_723)

    private static let differences: [Difference] = [
        .gone(recordedTable: nil), .gone(recordedTable: "hive:/old/orders"),
        .foreignFiles(["a.parquet", "b.parquet", "c.parquet", "d.parquet"]), .otherGeneration(.earlier, fence: 3),
        .otherGeneration(.unrecorded(outcome: "LOST"), fence: 9), .otherGeneration(.later, fence: 9),
        .otherGeneration(.otherPartition(job: "orders", key.next), fence: 4), .otherGeneration(.unknown, fence: 7),
        .filesMissing(["part-1.parquet"], of: 4), .extraFiles(["copy.parquet"]), .notFiles(["hour=1"]),
        .bytes(found: 1234, recorded: 1230), .rows(found: 10, recorded: 11),
        .unreadable(file: "part-0.parquet", reason: "No magic bytes found at end of file"), .rowsOutside(1),
        .rowsOutside(2000), .rowsDeleted(["part-0.parquet"], rows: 3),
    ]

    @Test func `Every difference has a line of its own`() throws {
        let text = VerifyText(job: "orders")
        let found = text.lines(for: .differs(Self.key, Self.differences, reopened: false))
        let reopened = text.lines(for: .differs(Self.key.next, [.rowsOutside(1)], reopened: true))
        try GoldenFile.expect((found + reopened).joined(), equals: "verify.txt")
        #expect(found.count == Self.differences.count)
        #expect(text.lines(for: .agrees(Self.key)).isEmpty)
    }

    @Test func `A difference is an object on a line, and the last one counts`() throws {
        var report = VerificationReport()
        let findings: [VerificationFinding] = [
            .agrees(Self.key), .differs(Self.key.next, [.filesMissing(["p"], of: 1), .rowsOutside(2)], reopened: true),
            .recordedByHand(Self.key), .superseded(Self.key, byJob: "daily"), .changedMeanwhile(Self.key),
            .rearranged(Self.key),
        ]
        for finding in findings { report.add(finding) }
        let lines = findings.flatMap(VerifyJSON.lines) + [VerifyJSON.line(for: report, job: "orders")]
        try GoldenFile.expect(lines.joined(), equals: "verify.json")
        #expect(report.checked == 6)
        try GoldenFile.expect(VerifyText(job: "orders").summary(report), equals: "verify-summary.txt")
    }

    @Test func `What is cleaned is told in the past, and what would be in the future`() throws {
        let writer = Writer(fence: 5, claimID: try #require(UUID(uuidString: "00000000-0000-4000-8000-000000000005")))
        var events = Leftover.Kind.allCases.map { kind in
            CleaningEvent.removed(
                Self.key, Leftover(kind: kind, writer: writer, path: "/lake/\(kind)", files: 2, bytes: 1500))
        }
        events.append(.unknown(Self.key, Leftover(kind: .replaced, writer: writer, path: "/lake/x", bytes: 7)))
        events += TableLeftover.Kind.allCases.map { kind in
            .removedFromTable(TableLeftover(kind: kind, path: "/lake/\(kind)", files: 2, bytes: 1500))
        }
        var page = ""
        for isDryRun in [false, true] {
            var tally = CleaningTally()
            let text = CleanText(job: "orders", isDryRun: isDryRun)
            for event in events {
                tally.add(event)
                page += text.line(for: event, isVerbose: isDryRun) ?? ""
                page += CleanJSON.line(for: event, isDryRun: isDryRun)
            }
            page += text.summary(tally) + CleanJSON.line(for: tally, job: "orders", isDryRun: isDryRun)
        }
        page += CleanText(job: "orders", isDryRun: false).summary(CleaningTally())
        try GoldenFile.expect(page, equals: "clean.txt")
    }

    @Test func `A job without a target has nothing to verify or to clean`() async throws {
        let program = try CapturedProgram()
        program.origin = .code { [Job("mail", version: "1") { _ in }] }
        program.environment = ["REPROCESS_DATABASE_URL": try await TestCluster.shared().conninfo]
        for (command, verb) in [("verify", "verify"), ("clean", "clean up")] {
            let result = try await program.run(command)
            #expect(result.code == .refused)
            #expect(
                result.messages.contains("The job 'mail' has no target: nobody but its own code knows what it made"))
            #expect(result.messages.contains("nothing to \(verb)."), "\(result.messages)")
        }
    }

    @Test(arguments: [
        (["verify", "--from", "2024-01-01"], "--from 2024-01-01 has no --to."),
        (["verify", "--workers", "0"], "--workers is '0', but must be a whole number, 1 to 256."),
        (["verify", "--exclude", "2024-01-01"], "'--exclude' is not an option of 'verify'."),
        (["clean", "--keep", "7"], "'7' is not a duration"), (["clean", "--kepp", "7d"], "Did you mean '--keep'?"),
    ])
    func `A command line that cannot be understood`(words: [String], message: String) async throws {
        let program = try CapturedProgram()
        program.origin = .code { [Job("mail", version: "1") { _ in }] }
        let result = try await program.run(words)
        #expect(result.code == .usage)
        #expect(result.messages.contains(message), "\(result.messages)")
    }
}

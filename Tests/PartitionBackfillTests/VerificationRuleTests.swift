import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

/// The comparison of ledger and table, without either.
@Suite struct VerificationRuleTests {
    private static let key = PartitionKey(granularity: .day, ordinal: 19_723)
    static let recorded = Writer(fence: 5, claimID: UUID())
    let rule = VerificationRule(job: "orders", tableIdentity: "hive:/lake")

    func evidence(_ change: (inout PartitionEvidence) -> Void = { _ in }) -> PartitionEvidence {
        var evidence = PartitionEvidence(
            row: CompleteRow(
                key: Self.key, fence: 5, tableIdentity: "hive:/lake", rowsWritten: 10, bytesWritten: 100,
                tableVersion: "five"),
            recordedWriter: Self.recorded, inspection: inspection(Self.recorded, "five"))
        evidence.readings = ["/lake/a.parquet": .readable(rows: 10, outside: 0)]
        change(&evidence)
        return evidence
    }

    func inspection(
        _ writer: Writer?, _ version: String?, bytes: Int64 = 100, rows: Int64? = 10,
        problems: [PartitionInspection.Problem] = []
    ) -> PartitionInspection {
        PartitionInspection(
            writer: writer, version: version, files: [.init(path: "/lake/a.parquet", bytes: bytes)],
            recordedRows: rows, problems: problems)
    }

    private func attempt(
        _ writer: Writer, job: String = "orders", key: PartitionKey = key, outcome: String = "COMPLETE",
        isLive: Bool = false, table: String? = "hive:/lake"
    ) -> KnownAttempt {
        KnownAttempt(
            fence: writer.fence, claimID: writer.claimID, job: job, key: key, outcome: outcome, endedAgo: nil,
            isLive: isLive, tableIdentity: table)
    }

    @Test func `What was recorded is there`() {
        #expect(rule.verdict(on: evidence()) == .agrees)
        // Adopted: the row has the fence of the one that recorded it.
        #expect(rule.verdict(on: evidence { $0.row.fence = 9 }) == .agrees)
        // Unchanged: the row names the generation that was there, and what was staged to find that out is gone.
        #expect(
            rule.verdict(
                on: evidence {
                    $0.row.fence = 9
                    $0.row.rowsWritten = 10
                }) == .agrees)
    }

    @Test func `Nothing is there`() {
        #expect(rule.verdict(on: evidence { $0.inspection = nil }) == .differs([.gone(recordedTable: nil)]))
        let empty = PartitionInspection(writer: nil, version: nil, files: [], recordedRows: nil, problems: [])
        #expect(rule.verdict(on: evidence { $0.inspection = empty }) == .differs([.gone(recordedTable: nil)]))
        let elsewhere = evidence {
            $0.inspection = nil
            $0.row.tableIdentity = "hive:/old"
        }
        #expect(rule.verdict(on: elsewhere) == .differs([.gone(recordedTable: "hive:/old")]))
    }

    @Test func `A row without a version is recorded by hand, and differs only where nothing is there`() {
        #expect(rule.verdict(on: evidence { $0.row.tableVersion = nil }) == .recordedByHand)
        let gone = evidence {
            $0.row.tableVersion = nil
            $0.inspection = nil
        }
        #expect(rule.verdict(on: gone) == .differs([.gone(recordedTable: nil)]))
    }

    @Test func `Files of nobody`() {
        let foreign = evidence { $0.inspection = inspection(nil, nil) }
        #expect(rule.verdict(on: foreign) == .differs([.foreignFiles(["a.parquet"])]))
    }

    @Test(arguments: [
        (Int64(3), "COMPLETE", false, Difference.Origin.earlier), (9, "LOST", false, .unrecorded(outcome: "LOST")),
        (9, "RUNNING", false, .unrecorded(outcome: "RUNNING")), (9, "COMPLETE", false, .later),
        (9, "RUNNING", true, .later),
    ])
    func `Another attempt of the same job`(fence: Int64, outcome: String, isLive: Bool, origin: Difference.Origin) {
        let writer = Writer(fence: fence, claimID: UUID())
        let found = evidence {
            $0.inspection = inspection(writer, "other")
            $0.visibleAttempt = attempt(writer, outcome: outcome, isLive: isLive)
        }
        #expect(rule.verdict(on: found) == .differs([.otherGeneration(origin, fence: fence)]))
    }

    @Test func `Another job of the same ledger may replace a partition; an older file of it may not come back`() {
        for (fence, outcome, isLive) in [(Int64(9), "COMPLETE", false), (9, "ADOPTED", false), (9, "RUNNING", true)] {
            let writer = Writer(fence: fence, claimID: UUID())
            let found = evidence {
                $0.inspection = inspection(writer, "other")
                $0.visibleAttempt = attempt(writer, job: "daily", outcome: outcome, isLive: isLive)
            }
            #expect(rule.verdict(on: found) == .superseded(byJob: "daily"))
        }
        let writer = Writer(fence: 2, claimID: UUID())
        let earlier = evidence {
            $0.inspection = inspection(writer, "other")
            $0.visibleAttempt = attempt(writer, job: "daily")
        }
        #expect(rule.verdict(on: earlier) == .differs([.otherGeneration(.earlier, fence: 2)]))
    }

    @Test func `Files of another partition, another table, or nobody that the ledger knows`() {
        let writer = Writer(fence: 9, claimID: UUID())
        func origin(_ attempt: KnownAttempt?) -> Verdict {
            rule.verdict(
                on: evidence {
                    $0.inspection = inspection(writer, "other")
                    $0.visibleAttempt = attempt
                })
        }
        #expect(
            origin(attempt(writer, key: Self.key.next))
                == .differs([.otherGeneration(.otherPartition(job: "orders", Self.key.next), fence: 9)]))
        #expect(
            origin(attempt(writer, job: "daily", table: "hive:/other"))
                == .differs([.otherGeneration(.otherPartition(job: "daily", Self.key), fence: 9)]))
        #expect(origin(nil) == .differs([.otherGeneration(.unknown, fence: 9)]))
        // The same fence from another ledger.
        #expect(
            origin(attempt(Writer(fence: 9, claimID: UUID()))) == .differs([.otherGeneration(.unknown, fence: 9)]))
    }

    @Test func `Sizes, rows and files that differ`() {
        #expect(
            rule.verdict(on: evidence { $0.inspection = inspection(Self.recorded, "five", bytes: 99) })
                == .differs([.bytes(found: 99, recorded: 100)]))
        #expect(
            rule.verdict(on: evidence { $0.readings = ["/lake/a.parquet": .readable(rows: 9, outside: 0)] })
                == .differs([.rows(found: 9, recorded: 10)]))
        #expect(
            rule.verdict(on: evidence { $0.inspection = inspection(Self.recorded, "five", rows: 11) })
                == .differs([.rows(found: 10, recorded: 11)]))
        #expect(
            rule.verdict(on: evidence { $0.readings = ["/lake/a.parquet": .readable(rows: 10, outside: 2)] })
                == .differs([.rowsOutside(2)]))
        #expect(
            rule.verdict(on: evidence { $0.readings = ["/lake/a.parquet": .unreadable("no magic")] })
                == .differs([.unreadable(file: "a.parquet", reason: "no magic")]))
        #expect(
            rule.verdict(on: evidence { $0.readings = [:] })
                == .differs([.unreadable(file: "a.parquet", reason: "the engine did not read it")]))
        let missing = PartitionInspection.Problem.filesMissing(["b.parquet"], of: 2)
        #expect(
            rule.verdict(
                on: evidence { $0.inspection = inspection(Self.recorded, "five", bytes: 50, problems: [missing]) })
                == .differs([.filesMissing(["b.parquet"], of: 2)]))
    }

    @Test func `Results come out in the order of their places`() {
        var order = InOrder<String>()
        let places = (0..<3).map { _ in order.nextPlace() }
        #expect(order.add("c", at: places[2]).isEmpty && order.heldCount == 1)
        #expect(order.add("a", at: places[0]) == ["a"])
        #expect(order.add("b", at: places[1]) == ["b", "c"] && order.heldCount == 0)
    }
}

extension VerificationRuleTests {
    @Test func `The same rows in other files are no difference, unless their number is another`() {
        let files = [PartitionInspection.File(path: "/lake/a.parquet", bytes: 77)]
        let rearranged = PartitionInspection(
            writer: Self.recorded, version: "five", files: files, recordedRows: 10, problems: [], isRearranged: true)
        #expect(rule.verdict(on: evidence { $0.inspection = rearranged }) == .rearranged)
        let fewer = evidence {
            $0.inspection = rearranged
            $0.readings = ["/lake/a.parquet": .readable(rows: 9, outside: 0)]
        }
        #expect(rule.verdict(on: fewer) == .differs([.rows(found: 9, recorded: 10)]))
    }

    @Test func `Rows that a deletion vector hides are a difference`() {
        let hidden = evidence {
            $0.inspection = inspection(Self.recorded, "five", problems: [.rowsDeleted(["a.parquet"], rows: 2)])
        }
        #expect(rule.verdict(on: hidden) == .differs([.rowsDeleted(["a.parquet"], rows: 2)]))
    }
}

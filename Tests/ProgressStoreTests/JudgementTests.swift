import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// How staged rows were judged: recorded with the end of the attempt, and found again.
@Suite(.timeLimit(.minutes(3))) struct JudgementTests {
    private static let full = JudgementRecord(
        contentDigest: "d2", statistics: #"{"rows": 600}"#, replacedVersion: "g0", replacedRows: 590,
        replacedBytes: 900, replacedDigest: "d1", replacedStatistics: #"{"rows": 590}"#,
        findings: #"[{"audit": "not_empty"}]"#)

    @Test func `A judgement is recorded with COMPLETE, and only where there is one`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(3)))
        let completions = [
            judged(claims[0], source: "s1", Self.full), judged(claims[1], nil),
            judged(claims[2], unchanged: true, JudgementRecord(contentDigest: "d3")),
        ]
        #expect(try await ledger.complete(job: "orders", completions) == claims.map { _ in .recorded(.complete) })
        #expect(try await ledger.judgement(fence: claims[0].token.fence) == Self.full)
        #expect(try await ledger.judgement(fence: claims[1].token.fence) == nil)
        #expect(try await ledger.judgement(fence: claims[2].token.fence) == JudgementRecord(contentDigest: "d3"))
        let rows = try await ledger.judgements(job: "orders", keys: days(4))
        let row = JudgementRow(
            key: days(1)[0], fence: claims[0].token.fence, runID: 1, outcome: "COMPLETE", rowsWritten: 600,
            bytesWritten: 1_000, transformVersion: "2", tableVersion: "g1", record: Self.full)
        var unjudged = row
        unjudged.key = days(3)[1]
        unjudged.fence = claims[1].token.fence
        unjudged.record = JudgementRecord()
        unjudged.hasRecord = false
        var unchanged = row
        unchanged.key = days(3)[2]
        unchanged.fence = claims[2].token.fence
        unchanged.record = JudgementRecord(contentDigest: "d3")
        unchanged.wasUnchanged = true
        #expect(rows == [row, unjudged, unchanged])
        let columns = try await fixture.columns("source_identity, content_digest", of: "2024-01-01")
        #expect(columns == ["s1", "d2"])
        let attempts = try await ledger.attempts(job: "orders", key: days(1)[0])
        #expect(try attempts.only().sourceIdentity == "s1")
        #expect(try await ledger.attempts(job: "orders", key: days(3)[2]).only().wasUnchanged)
    }

    @Test func `The judgement of an attempt that was fenced is not recorded`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let lost = try await ledger.claim(request(days(1), lease: .milliseconds(50))).only()
        try await fixture.waitForExpiry(of: lost.key)
        _ = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.complete(job: "orders", [judged(lost, Self.full)]) == [.fenced])
        #expect(
            try await ledger.fail(job: "orders", lost.token, error: "x", .giveUp, judgement: Self.full) == .fenced)
        #expect(try await fixture.execute("SELECT * FROM reprocess.judgement").isEmpty)
        #expect(try await fixture.columns("content_digest", of: "2024-01-01") == [nil])
    }

    @Test func `A failure keeps its judgement, and what the table holds keeps its digest`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let good = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.complete(
            job: "orders", [judged(good, JudgementRecord(contentDigest: "d1", statistics: #"{"rows": 1}"#))])
        let bad = try await ledger.claim(request(days(1), version: "3", planFence: .max)).only()
        #expect(bad.knownContent == KnownContent(tableVersion: "g1", digest: "d1", transformVersion: "2"))
        let record = JudgementRecord(contentDigest: "d9", replacedVersion: "g1", findings: "[]")
        let outcome = try await ledger.fail(
            job: "orders", bad.token, error: "unique", .giveUp, judgement: record)
        #expect(outcome == .recorded(.failed))
        let judged = try await ledger.judgements(job: "orders", keys: days(1)).only()
        #expect(judged.outcome == "FAILED" && judged.fence == bad.token.fence)
        // What it would have replaced, the attempt that made it knows.
        #expect(judged.record.replacedStatistics == #"{"rows": 1}"#)
        let again = try await ledger.claim(request(days(1), version: "4", planFence: .max)).only()
        #expect(again.knownContent == bad.knownContent)
    }

    @Test func `Statistics of what was replaced come from whoever knows that version`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let complete = { (version: String, record: JudgementRecord?) in
            let claim = try await ledger.claim(request(days(1), planFence: .max, includesComplete: true)).only()
            let completion = judged(claim, tableVersion: version, record)
            #expect(try await ledger.complete(job: "orders", [completion]) == [.recorded(.complete)])
            return claim.token.fence
        }
        let latest = { try await ledger.judgements(job: "orders", keys: days(1)).only().record.replacedStatistics }
        // Somebody else has made g0, and this attempt has measured it.
        _ = try await complete(
            "g1",
            JudgementRecord(
                statistics: #"{"rows": 1}"#, replacedVersion: "g0", replacedDigest: "d0",
                replacedStatistics: #"{"rows": 0}"#))
        #expect(try await latest() == #"{"rows": 0}"#)
        // Its own record comes first.
        _ = try await complete(
            "g2",
            JudgementRecord(replacedVersion: "g1", replacedDigest: "d1", replacedStatistics: #"{"rows": 11}"#))
        #expect(try await latest() == #"{"rows": 11}"#)
        // Then that of the attempt that made the version.
        _ = try await complete("g3", JudgementRecord(replacedVersion: "g1"))
        #expect(try await latest() == #"{"rows": 1}"#)
        // Then whoever has replaced the same one before: put back, it is replaced twice.
        _ = try await complete("g4", JudgementRecord(replacedVersion: "g0"))
        #expect(try await latest() == #"{"rows": 0}"#)
        // What only footers told of it is less than that; and where nobody has measured it, it is all there is.
        let footers = #"{"rows": 2}"#
        _ = try await complete("g4", JudgementRecord(replacedVersion: "g0", replacedStatistics: footers))
        #expect(try await latest() == #"{"rows": 0}"#)
        _ = try await complete("g4", JudgementRecord(replacedVersion: "foreign-2", replacedStatistics: footers))
        #expect(try await latest() == footers)
        // Nobody knows it, or there was nothing.
        _ = try await complete("g5", JudgementRecord(replacedVersion: "foreign"))
        #expect(try await latest() == nil)
        _ = try await complete("g6", JudgementRecord(statistics: #"{"rows": 6}"#))
        #expect(try await latest() == nil)
        // The newest result is told, also where nobody has judged it; what runs or was given back is none.
        let last = try await complete("g7", nil)
        let again = try await ledger.claim(request(days(1), planFence: .max, includesComplete: true)).only()
        try await ledger.release(job: "orders", [again.token])
        _ = try await ledger.claim(request(days(1))).only()
        let newest = try await ledger.judgements(job: "orders", keys: days(1)).only()
        #expect(newest.fence == last && !newest.hasRecord && newest.record == JudgementRecord())
        // Another partition's versions, and another job's, are others.
        let foreign = try await ledger.claim(request(days(2), job: "refunds", table: nil))
        _ = try await ledger.complete(
            job: "refunds", foreign.map { judged($0, JudgementRecord(replacedVersion: "g1")) })
        #expect(
            try await ledger.judgements(job: "refunds", keys: days(2)).map(\.record.replacedStatistics) == [nil, nil])
    }

    @Test func `A run tells its judgements, of each partition the newest, and what really changed`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let run = try await ledger.openRun(runRequest(days(6)))
        var wanted = request(days(6))
        wanted.run = run
        let claims = try await ledger.claim(wanted)
        _ = try await ledger.complete(
            job: "orders",
            [
                judged(claims[0], Self.full),
                judged(claims[1], unchanged: true, JudgementRecord(replacedVersion: "g1")),
                judged(claims[2], nil),
            ])
        _ = try await ledger.hold(job: "orders", claims[3].token, holdFacts())
        _ = try await ledger.fail(job: "orders", claims[4].token, error: "x", .giveUp, judgement: Self.full)
        // Held, and approved: the approval belongs to the run of what was held.
        _ = try await ledger.hold(job: "orders", claims[5].token, holdFacts())
        let approval = try #require(try await ledger.takeHeld(take(claims[5])))
        _ = try await ledger.complete(job: "orders", [judged(approval, rows: 60, Self.full)])
        // Another run has replaced the first partition since.
        let later = try await ledger.openRun(runRequest(days(1)))
        wanted = request(days(1), planFence: .max, includesComplete: true)
        wanted.run = later
        let again = try await ledger.claim(wanted).only()
        _ = try await ledger.complete(job: "orders", [judged(again, tableVersion: "g2", Self.full)])

        let judgements = try await ledger.judgements(run: run)
        #expect(judgements.map(\.key) == days(6))
        #expect(judgements.map(\.outcome) == ["COMPLETE", "COMPLETE", "COMPLETE", "HELD", "FAILED", "COMPLETE"])
        #expect(judgements.map(\.wasUnchanged) == [false, true, false, false, false, false])
        #expect(judgements.map(\.kind) == [.run, .run, .run, .run, .run, .approve])
        #expect(judgements.map(\.hasRecord) == [true, true, false, true, true, true])
        #expect(judgements.map(\.errorMessage) == [nil, nil, nil, "row_count_drop: 40 % fewer rows", "x", nil])
        #expect(judgements[0].fence == claims[0].token.fence)
        #expect(try await ledger.judgements(run: later).map(\.fence) == [again.token.fence])
        #expect(try await ledger.judgements(run: 99).isEmpty)
        let changed = try await fixture.execute(
            "SELECT partition_key, partition_date, kind, old_rows, new_rows, old_bytes FROM reprocess.changed_partitions WHERE run_id = \(run) ORDER BY 1"
        )
        #expect(
            changed == [
                ["2024-01-01", "2024-01-01", "RUN", "590", "600", "900"],
                ["2024-01-03", "2024-01-03", "RUN", nil, "600", nil],
                ["2024-01-06", "2024-01-06", "APPROVE", "590", "60", "900"],
            ])
    }

    @Test func `JSON of fifty columns, and with every character, comes back`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = try await fixture.ledger.claim(request(days(16)))
        let column = (0..<50).map { number in
            ["name": "spalte_\(number) \"ä\\ {},\n\u{1}'", "min": "\0\u{1F600}", "max": "\\u0000"]
        }
        let json = String(decoding: try JSONEncoder().encode(column), as: UTF8.self)
        let completions = claims.map {
            judged(
                $0, source: "a\0b",
                JudgementRecord(contentDigest: "d\0", statistics: json, replacedVersion: "g\0", findings: json))
        }
        let outcomes = try await fixture.ledger.complete(job: "orders", completions)
        #expect(outcomes == claims.map { _ in .recorded(.complete) })
        let record = try #require(try await fixture.ledger.judgement(fence: claims[7].token.fence))
        let read = try JSONDecoder().decode(
            [[String: String]].self, from: Data(try #require(record.statistics).utf8))
        // The server knows no NUL; what only looks like one stays.
        let expected = column.map { $0.merging(["min": "\u{FFFD}\u{1F600}"]) { $1 } }
        #expect(read == expected)
        #expect(record.contentDigest == "d\u{FFFD}" && record.replacedVersion == "g\u{FFFD}")
        #expect(try await fixture.columns("source_identity", of: "2024-01-08") == ["a\u{FFFD}b"])
    }

    @Test(arguments: [
        (#"{"a": "\u0000"}"#, #"{"a": "\#u{FFFD}"}"#), (#"{"a": "\\u0000"}"#, #"{"a": "\\u0000"}"#),
        (#"{"a": "\\\u0000"}"#, #"{"a": "\\\#u{FFFD}"}"#), ("\"\0\"", "\"\u{FFFD}\""),
        (#"{"a": "\u00001"}"#, #"{"a": "\#u{FFFD}1"}"#), ("\"00001\0\"", "\"00001\u{FFFD}\""),
        (#"["\u0001", "\""]"#, #"["\u0001", "\""]"#), ("\\", "\\"),
    ])
    func `An escape of a NUL is one only behind an even number of backslashes`(json: String, expected: String) {
        #expect(JSONText.storable(json) == expected)
    }

    @Test func `Runs are told newest first`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        var ids: [Int64] = []
        for count in 1...3 { ids.append(try await ledger.openRun(runRequest(days(count)))) }
        _ = try await ledger.openRun(runRequest(days(1), job: "refunds"))
        try await ledger.closeRun(ids[1], RunResult(complete: 1, failed: 2, skipped: 3, outcome: "FINISHED"))
        #expect(try await ledger.runs(job: "orders", limit: 2).map(\.id) == [ids[2], ids[1]])
        #expect(try await ledger.runs(job: "orders", limit: 9).map(\.id) == ids.reversed())
        let run = try #require(try await ledger.run(ids[1]))
        #expect(run.firstKey == days(1)[0] && run.lastKey == days(2)[1] && run.planned == 2)
        #expect(run.outcome == "FINISHED" && run.complete == 1 && run.failed == 2 && run.skipped == 3)
        #expect(run.reason == "the rate was wrong" && run.databaseUser == "reprocess" && run.control == "RUN")
        #expect(run.endedAt != nil)
        let open = try await ledger.run(ids[2])
        #expect(open?.endedAt == nil && open?.outcome == nil)
        #expect(try await ledger.run(99) == nil)
    }
}

import Foundation
import Lakehouse
import PartitionBackfill
import Partitions
import ProgressStore
import TestSupport
import Testing
import Transforms

/// A Delta table over its life: runs, checkpoints, verifications, repairs and cleanings, with a real ledger.
@Suite struct DeltaUpkeepTests {
    private let fixture: BackfillFixture
    private let root: String
    private let table: DeltaTable

    init() async throws {
        fixture = try await BackfillFixture()
        root = fixture.folder.appending("orders")
        table = try DeltaTable(path: root, column: "day", every: .day)
    }

    @Test func `What a run published is as recorded, and what others did to it is found and made anew`() async throws {
        try await run("2024-01-01", "2024-01-12")
        #expect(names.filter { $0.hasSuffix(".checkpoint.parquet") } == ["00000000000000000010.checkpoint.parquet"])
        for isDeep in [false, true] {
            let (report, _) = try await verify { $0.isDeep = isDeep }
            #expect(report.agreeing == 12 && report.checked == 12)
        }
        // A file is lost, and another program takes a partition out of the table.
        let lost = try #require(try table.current(BackfillFixture.day("2024-01-02")))
        try FileManager.default.removeItem(atPath: lost.files[0])
        let taken = try #require(try table.current(BackfillFixture.day("2024-01-03")))
        let path = taken.files[0].dropFirst(root.count + 1)
        try #"{"remove":{"path":"\#(path)","dataChange":true,"deletionTimestamp":1}}"#.write(
            toFile: root + "/_delta_log/00000000000000000012.json", atomically: true, encoding: .utf8)
        let (found, kinds) = try await verify()
        #expect(found.agreeing == 10 && found.differing == 2 && found.reopened == 0)
        #expect(kinds == ["2024-01-02 files missing", "2024-01-03 gone"])
        let (repaired, _) = try await verify { $0.repairs = true }
        #expect(repaired.reopened == 2)
        try await run("2024-01-01", "2024-01-12")
        #expect(try await verify().0.agreeing == 12)
    }

    @Test func `Cleaning goes by the ledger, and never into what the table keeps`() async throws {
        try await run("2024-01-01", "2024-01-02")
        try await run("2024-01-01", "2024-01-02", version: "2")
        let key = try BackfillFixture.day("2024-01-01")
        // An attempt of another ledger.
        let stranger = Writer(fence: 1_000_000, claimID: UUID())
        _ = try table.begin(key, writer: stranger)
        let before = try table.current(key)
        #expect(try await clean(CleaningRule(keep: .zero)) == ["left staging"])
        #expect(try await clean(CleaningRule(keep: .zero, removesUnknown: true), isDryRun: true) == ["removed staging"])
        #expect(try await clean(CleaningRule(keep: .zero, removesUnknown: true)) == ["removed staging"])
        #expect(try await clean(CleaningRule(keep: .zero, removesUnknown: true)).isEmpty)
        #expect(try table.current(key) == before)
        // Past what the table keeps, the replaced files go, and the rest is as recorded.
        let later = try #require(Calendar(identifier: .gregorian).date(byAdding: .day, value: -8, to: Date()))
        for day in ["2024-01-01", "2024-01-02"] {
            let folder = root + "/day=" + day
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: folder + "/" + name)
            }
        }
        // They were replaced just now, so they stay however old they are.
        #expect(try await clean(CleaningRule(keep: .zero)).isEmpty)
        #expect(try await verify().0.agreeing == 2)
    }

    @Test func `What a table has to tell comes as an event of the run`() async throws {
        let schema = ["id": "long", "version": "string", "day": "date"].sorted { $0.key < $1.key }.map {
            #"{\"name\":\"\#($0.key)\",\"type\":\"\#($0.value)\",\"nullable\":true,\"metadata\":{}}"#
        }
        let lines = [
            #"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#,
            """
            {"metaData":{"id":"11111111-1111-4111-8111-111111111111","format":{"provider":"parquet","options":{}},\
            "schemaString":"{\\"type\\":\\"struct\\",\\"fields\\":[\(schema.joined(separator: ","))]}",\
            "partitionColumns":["day"],"createdTime":0,"configuration":{"delta.checkpointInterval":"1"}}}
            """,
        ]
        try FileManager.default.createDirectory(atPath: root + "/_delta_log", withIntermediateDirectories: true)
        try lines.joined(separator: "\n").write(
            toFile: root + "/_delta_log/00000000000000000000.json", atomically: true, encoding: .utf8)
        // Where the folder should be in which checkpoints are written.
        try FileManager.default.createDirectory(atPath: root + ".reprocess", withIntermediateDirectories: true)
        try "".write(toFile: root + ".reprocess/checkpoint", atomically: true, encoding: .utf8)
        let log = EventLog()
        try await run("2024-01-01", "2024-01-05", log: log)
        let notices = log.text.filter { $0.hasPrefix("notice: ") }
        #expect(!notices.isEmpty && notices.allSatisfy { $0.contains("write a checkpoint of") }, "\(log.text)")
    }

    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root + "/_delta_log")) ?? []).sorted()
    }

    private func run(_ from: String, _ to: String, version: String = "1", log: EventLog = EventLog()) async throws {
        let backfill = Backfill(
            job: fixture.job(version: version), table: table, ledger: fixture.ledger, engine: DuckDBSQLEngine())
        let report = try await backfill.planAndRun(
            BackfillRequest(partitions: try BackfillFixture.days(from, to)), log: log)
        try #require(report.failed.isEmpty, "\(report.failed)")
    }

    private func verify(
        _ change: (inout VerificationRequest) -> Void = { _ in }
    ) async throws -> (VerificationReport, [String]) {
        var request = VerificationRequest()
        change(&request)
        var kinds: [String] = []
        let verification = Verification(
            job: fixture.job(), table: table, ledger: fixture.ledger, engine: DuckDBSQLEngine())
        let report = try await verification.run(request) { finding in
            guard case .differs(let key, let differences, _) = finding else { return }
            kinds += differences.map { "\(key) \($0.kind)" }
        }
        return (report, kinds)
    }

    private func clean(_ rule: CleaningRule, isDryRun: Bool = false) async throws -> [String] {
        var events: [String] = []
        let cleaning = Cleaning(job: fixture.job(), table: table, ledger: fixture.ledger)
        try await cleaning.run(CleaningRequest(rule: rule, isDryRun: isDryRun)) { event in
            switch event {
            case .removed(_, let leftover): events.append("removed \(leftover.kind.rawValue)")
            case .measured(_, let leftover, _): events.append("measured \(leftover.kind.rawValue)")
            case .unreadable(_, let leftover, _): events.append("unreadable \(leftover.kind.rawValue)")
            case .unknown(_, let leftover): events.append("left \(leftover.kind.rawValue)")
            case .removedFromTable(let leftover): events.append("removed \(leftover.kind.rawValue)")
            }
        }
        return events
    }
}

import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// The format of the table that a test is about.
enum JudgedFormat: String, CaseIterable, CustomTestStringConvertible {
    case hive, delta

    var testDescription: String { rawValue }
}

/// A table whose partitions are judged, with the ledger and the engine that they need.
struct JudgingFixture {
    let base: BackfillFixture
    let format: JudgedFormat

    init(_ format: JudgedFormat) async throws {
        base = try await BackfillFixture()
        self.format = format
    }

    var path: String { base.folder.appending("orders") }

    var target: PartitionedTarget {
        switch format {
        case .hive: .hive(path, partitionedBy: "day")
        case .delta: .delta(path, partitionedBy: "day", schema: .evolve)
        }
    }

    /// A job whose partitions have so many rows that hold a word; days given by name have other SQL.
    func job(
        version: String, word: String? = nil, rows: Int = 3, except: [String: String] = [:], audits: [Audit] = [],
        measures: Bool = true
    ) -> Job {
        let sql = "SELECT range AS id, '\(word ?? version)' AS word FROM range(\(rows))"
        var job = Job("orders", version: version, target: target) { partition in
            try await partition.overwrite(except[partition.key.description] ?? sql)
        }
        job.audits = audits
        job.measures = measures
        return job
    }

    func backfill(_ job: Job) throws -> Backfill { try base.backfill(job) }

    func table() throws -> any Table {
        switch format {
        case .hive: try HiveTable(path: path, column: "day")
        case .delta: try DeltaTable(path: path, column: "day", every: .day)
        }
    }

    /// Runs a job over days.
    @discardableResult
    func run(
        _ job: Job, _ days: PartitionSet, log: EventLog = EventLog(),
        _ change: (inout BackfillRequest) -> Void = { _ in }
    ) async throws -> BackfillReport {
        var request = BackfillRequest(partitions: days)
        change(&request)
        return try await backfill(job).planAndRun(request, log: log)
    }

    func current(_ day: String) throws -> Generation? { try table().current(BackfillFixture.day(day)) }

    func row(_ day: String) async throws -> ProgressRow? {
        try await base.ledger.rows(job: "orders", keys: [BackfillFixture.day(day)]).first
    }

    /// What the attempts at a day were and became, oldest first.
    func attempts(_ day: String) async throws -> [String] {
        try await base.ledger.attempts(job: "orders", key: BackfillFixture.day(day)).map { attempt in
            attempt.kind == .run ? attempt.outcome : "\(attempt.kind.rawValue) \(attempt.outcome)"
        }
    }

    /// The contents of a generation's files, whatever their names.
    func contents(_ files: [String]) throws -> Set<Data> {
        Set(try files.map { try Data(contentsOf: URL(filePath: $0)) })
    }

    /// Somebody who does not tell the ledger replaces a day, with a fence of its own.
    func replaceUnseen(_ day: String, rows: Int = 7) async throws {
        let fence = try await base.cluster.execute("SELECT nextval('\(base.schema).fence')").first?.first ?? nil
        let writer = Writer(fence: Int64(fence ?? "") ?? 0, claimID: UUID())
        let (table, key) = (try table(), try BackfillFixture.day(day))
        let staging = try table.begin(key, writer: writer)
        let session = try await DuckDBSQLEngine().openSession()
        let staged = try await session.stage(
            StageRequest(
                query: Query("SELECT range AS id, 'unseen' AS word FROM range(\(rows))"), key: key, column: "day",
                directory: staging.directory, parquet: ParquetOptions(), provenance: [:]))
        await session.close()
        guard case .published = try table.publish(staging, rows: staged.rows) else {
            throw TestSupportError("the day was not replaced")
        }
    }

    /// How ledger and table stand to each other, read in full.
    func verify(_ job: Job) async throws -> VerificationReport {
        let verification = try Verification(job: job, ledger: base.ledger, engine: DuckDBSQLEngine())
        let shallow = try await verification.run(VerificationRequest()) { _ in }
        let deep = try await verification.run(VerificationRequest(isDeep: true)) { _ in }
        guard shallow == deep else { throw TestSupportError("\(shallow) is not \(deep)") }
        return deep
    }
}

import Foundation
import Partitions
import Testing
import Transforms

/// Audits and statistics over the daily reports of Johns Hopkins University.
struct DailyReportAuditTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data/jhu_daily_reports").standardized.path(percentEncoded: false)
    private static let isThere = FileManager.default.fileExists(atPath: folder)

    /// The reports of a day; a bug loses the rows of one country in one month.
    private static func query(hasBug: Bool) -> Query {
        let source = Source(
            path: folder + "/%m-%d-%Y.csv", format: .csv,
            options: ["all_varchar": .bool(true), "header": .bool(true), "normalize_names": .bool(true)])
        let filter = hasBug ? "WHERE $partition NOT LIKE '2020-03%' OR country NOT LIKE 'US%'" : ""
        return Query(
            """
            FROM (SELECT COLUMNS('country.*') AS country, COLUMNS('province.*') AS province,
                confirmed::BIGINT AS confirmed, $partition_start AS report_date FROM source) \(filter)
            """, sources: [source])
    }

    private func stage(_ day: String, hasBug: Bool, in bench: StagingBench) async throws -> (StageRequest, StagedResult)
    {
        var request = try bench.request(Self.query(hasBug: hasBug), day: day, column: "report_date")
        request.measures = true
        return (request, try await bench.session.stage(request))
    }

    @Test(
        .enabled(if: isThere, "The daily reports are not on this machine."),
        arguments: ["2020-02-20", "2020-03-15", "2020-03-25", "2020-04-10"])
    func `a bug of one month is found there, and nowhere else`(day: String) async throws {
        let bench = try await StagingBench()
        let (_, old) = try await stage(day, hasBug: false, in: bench)
        let (request, new) = try await stage(day, hasBug: true, in: bench)
        let found = try await bench.session.audit(
            AuditRequest(
                audits: [.notEmpty, .notNull("country"), .rowCountDrop(0.02, severity: .hold)],
                staged: .files(new.files),
                stagedRows: new.rows, statistics: new.statistics, previous: .files(old.files), previousRows: old.rows,
                key: request.key, column: request.column))
        let isInMarch = day.hasPrefix("2020-03")
        #expect(found.map(\.hasPassed) == [true, true, !isInMarch])
        #expect((new.statistics?.digest == old.statistics?.digest) == !isInMarch)
        let comparison = try await bench.session.compare(
            RowComparisonRequest(
                new: .files(new.files), old: .files(old.files), keyColumns: [], sampleSize: 3, key: request.key,
                column: request.column))
        #expect(comparison.added == 0 && comparison.removed == old.rows - new.rows)
        let read = try await bench.session.measure(
            MeasureRequest(rows: .files(new.files), key: request.key, column: request.column, refusesOutside: false))
        #expect(read == new.statistics)
    }

    @Test(.enabled(if: isThere, "The daily reports are not on this machine."))
    func `the layouts of the reports are four`()
        async throws
    {
        let bench = try await StagingBench()
        let source = try #require(Self.query(hasBug: false).sources.first)
        var signatures: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder) where name.hasSuffix(".csv") {
            let parts = name.dropLast(4).split(separator: "-")
            let key = try PartitionKey(parsing: "\(parts[2])-\(parts[0])-\(parts[1])", as: .day)
            let found = try await bench.session.schemaSignature(of: source, key: key, column: "report_date", table: nil)
            signatures.insert(try #require(found))
        }
        #expect(signatures.count == 4)
    }
}

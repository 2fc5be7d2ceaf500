import Foundation
import Partitions
import Testing
import Transforms

/// The daily reports of Johns Hopkins University: 188 real files with four layouts of columns and byte-order marks.
struct DailyReportTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data/jhu_daily_reports").standardized.path(percentEncoded: false)

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: folder), "The daily reports are not on this machine."),
        arguments: [("2020-01-22", 38), ("2020-03-01", 125), ("2020-03-22", 3417), ("2020-06-01", 3500)])
    func `files of every layout are read`(day: String, fewestRows: Int) async throws {
        let bench = try await StagingBench()
        let source = Source(
            path: Self.folder + "/%m-%d-%Y.csv", format: .csv,
            options: ["all_varchar": .bool(true), "header": .bool(true), "normalize_names": .bool(true)])
        let query = Query(
            "SELECT COLUMNS('country.*') AS country, confirmed::BIGINT AS confirmed FROM source", sources: [source])
        let result = try await bench.session.stage(try bench.request(query, day: day, column: "report_date"))
        let path = try #require(source.path.replacingOccurrences(of: "%m-%d-%Y", with: Self.american(day)) as String?)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).count - 1
        #expect(result.rows == lines)
        #expect(lines >= fewestRows)
    }

    private static func american(_ day: String) -> String {
        let parts = day.split(separator: "-")
        return "\(parts[1])-\(parts[2])-\(parts[0])"
    }
}

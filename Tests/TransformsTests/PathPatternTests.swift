import Partitions
import Testing

@testable import Transforms

struct PathPatternTests {
    @Test(arguments: [
        ("a/%Y/%m/%d.csv", "2024-03-05", Granularity.day, "a/2024/03/05.csv"),
        ("%m-%d-%Y.csv", "2020-01-22", .day, "01-22-2020.csv"),
        ("%-d.%-m.%y", "2005-03-09", .day, "9.3.05"),
        ("%F/%H", "2024-03-05T07", .hour, "2024-03-05/07"),
        ("%-H|%j|%-j", "2024-02-01T00", .hour, "0|032|32"),
        ("%b %B", "2024-05", .month, "May May"),
        ("%B-%b", "2024-09", .month, "September-Sep"),
        ("100%%/%%Y", "2024-05", .month, "100%/%Y"),
        ("%j", "2024-12-31", .day, "366"),
        ("%j", "2024-01-09", .day, "009"),
        ("plain", "2024-05", .month, "plain"),
    ])
    func `fields are those of the partition's start`(
        pattern: String, key: String, granularity: Granularity, path: String
    ) throws {
        #expect(try PathPattern(pattern).path(for: PartitionKey(parsing: key, as: granularity)) == path)
    }

    @Test(arguments: [("%Q.csv", "%Q"), ("a%", "%"), ("%-", "%-"), ("%-é", "%-é")])
    func `an unknown field is named`(pattern: String, field: String) throws {
        let key = try PartitionKey(parsing: "2024-01-01", as: .day)
        let error = #expect(throws: TransformError.self) { try PathPattern(pattern).path(for: key) }
        #expect(error?.message.contains("'\(field)' in the path '\(pattern)'") == true)
    }
}

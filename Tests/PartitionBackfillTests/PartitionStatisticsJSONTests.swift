import Foundation
import Testing
import Transforms

@testable import PartitionBackfill

@Suite struct PartitionStatisticsJSONTests {
    @Test func `Statistics are written as the general encoder writes them`() throws {
        let columns: [PartitionStatistics.Column] = [
            .init(name: "whole", type: "BIGINT", nulls: 0, distinct: 17, min: "-1", max: "9", sum: "1234567890123"),
            .init(name: "nothing", type: "VARCHAR", nulls: 627),
            .init(
                name: "quoted \"name\"", type: "STRUCT(\"a/b\" INTEGER)", nulls: .max, distinct: .min, min: "", max: ""),
        ]
        for count in 0...columns.count {
            let statistics = PartitionStatistics(rows: 627, digest: "1:00ff", columns: Array(columns.prefix(count)))
            #expect(try statistics.json == JSONText.encode(statistics))
        }
    }

    @Test func `Every character of a text is written as the general encoder writes it`() throws {
        // Control characters, all of ASCII, and what Unicode treats in ways of its own.
        let scalars =
            (0...0x2fff).compactMap(Unicode.Scalar.init) + ["\u{feff}", "\u{fffd}", "\u{1f600}", "\u{10ffff}"]
        for scalar in scalars {
            let text = "a" + String(scalar) + "z"
            let column = PartitionStatistics.Column(
                name: text, type: "VARCHAR", nulls: 1, min: text, max: String(scalar))
            let statistics = PartitionStatistics(rows: 1, digest: "", columns: [column])
            try #require(try statistics.json == JSONText.encode(statistics), "\(scalar.value)")
        }
    }

    @Test func `What is written is read again`() throws {
        let column = PartitionStatistics.Column(
            name: "tab\tnul\u{0}", type: "DOUBLE", nulls: 2, distinct: nil, min: "-inf", max: "nan", sum: nil)
        let statistics = PartitionStatistics(rows: 3, digest: "1:a", columns: [column])
        #expect(try JSONText.decode(PartitionStatistics.self, from: statistics.json) == statistics)
    }
}

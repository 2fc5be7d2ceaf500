import Partitions
import Testing

@testable import ReprocessCLI

@Suite struct PartitionListTests {
    @Test(arguments: [
        (["2024-01-05"], ["2024-01-05"]),
        (["2024-01-05,2024-01-01..2024-01-03"], ["2024-01-01 to 2024-01-03", "2024-01-05"]),
        (["2024-01-05", "2024-01-04, 2024-01-05"], ["2024-01-04 to 2024-01-05"]),
        (["2024-01-01..2024-01-10,2024-01-05..2024-01-20"], ["2024-01-01 to 2024-01-20"]),
        (["0001-01-01..9999-12-31,2024-01-01"], ["0001-01-01 to 9999-12-31"]),
    ])
    func `Lists become one set without doubles`(lists: [String], ranges: [String]) throws {
        #expect(try PartitionList.parse(lists, as: .day)?.ranges.map(\.description) == ranges)
    }

    @Test(arguments: [[], [""], [","]]) func `An empty list is none`(lists: [String]) throws {
        #expect(try PartitionList.parse(lists, as: .day) == nil)
    }

    @Test(arguments: [
        "2024-02-30", "2024-01-02..2024-01-01", "2024-01-01...2024-01-03", "2024-01", "x..y",
    ])
    func `A bad part is an error`(list: String) {
        #expect(throws: PartitionError.self) { try PartitionList.parse(["2024-01-01," + list], as: .day) }
    }

    @Test(arguments: ["..2024-01-01", "2024-01-01..", ".."]) func `A range has two ends`(list: String) {
        #expect(throws: UsageError.self) { try PartitionList.parse([list], as: .day) }
    }
}

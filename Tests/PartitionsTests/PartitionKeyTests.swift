import Partitions
import Testing

@Suite struct PartitionKeyTests {
    @Test(arguments: [
        ("2024-02-29", Granularity.day), ("1970-01-01", .day), ("0001-01-01", .day), ("9999-12-31", .day),
        ("2024-01-31T23", .hour), ("1969-12-31T00", .hour), ("2024-12", .month), ("1969-01", .month),
    ])
    func `A key reads back as it was written`(text: String, granularity: Granularity) throws {
        #expect(try PartitionKey(parsing: text, as: granularity).description == text)
    }
}

import Partitions
import Testing

@Suite struct PartitionRangeTests {
    private func day(_ text: String) throws -> PartitionKey { try PartitionKey(parsing: text, as: .day) }

    private func days(_ from: String, _ through: String) throws -> PartitionRange {
        try PartitionRange(from: day(from), through: day(through))
    }

    @Test func `Both ends are inclusive`() throws {
        let range = try days("2024-01-01", "2024-06-30")
        #expect(range.count == 182)
        #expect(range.first == (try day("2024-01-01")))
        #expect(range.last == (try day("2024-06-30")))
        #expect(range.description == "2024-01-01 to 2024-06-30")
    }

    @Test func `A range from after to is refused`() throws {
        let error = #expect(throws: PartitionError.self) { try days("2024-06-30", "2024-01-01") }
        #expect(
            error?.description
                == "The range is empty: from '2024-06-30' lies after to '2024-01-01'. Both ends are inclusive.")
    }

    @Test func `A million hours are enumerated without being stored`() {
        let range = PartitionRange(granularity: .hour, ordinals: 0..<1_000_000)
        #expect(MemoryLayout.size(ofValue: range) <= 24)
        var sum = 0
        for key in range { sum &+= key.ordinal }
        #expect(sum == 499_999_500_000)
    }

    @Test(arguments: [1, 2, 3, 7, 181, 182, 183, 1000])
    func `A split covers the range without gap or overlap`(parts: Int) throws {
        let range = try days("2024-01-01", "2024-06-30")
        let pieces = range.split(into: parts)
        #expect(pieces.count == min(parts, 182))
        #expect(pieces.flatMap { Array($0) } == Array(range))
        let sizes = pieces.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }

    @Test func `A set keeps sorted disjoint ranges`() throws {
        let keys = try ["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-05", "2024-01-01"].map(day)
        let set = PartitionSet(granularity: .day, keys: keys)
        #expect(set.ranges == [try days("2024-01-01", "2024-01-03"), try days("2024-01-05", "2024-01-05")])
        #expect(set.count == 4)
        #expect(Array(set).map(\.description) == ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"])
        #expect(set.contains(try day("2024-01-05")))
        #expect(!set.contains(try day("2024-01-04")))
    }

    @Test func `Taking partitions out leaves the others`() throws {
        let all = PartitionSet(try days("2024-01-01", "2024-01-31"))
        let out = PartitionSet(
            granularity: .day,
            keys: try ["2023-12-31", "2024-01-01", "2024-01-10", "2024-01-11", "2024-01-31", "2024-02-01"].map(day))
        let rest = all.subtracting(out)
        #expect(rest.ranges == [try days("2024-01-02", "2024-01-09"), try days("2024-01-12", "2024-01-30")])
        #expect(rest.count + 4 == all.count)
    }

    @Test func `Sets agree with a naive model`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let left = Set((0..<20).map { _ in Int.random(in: 0..<40, using: &random) })
            let right = Set((0..<20).map { _ in Int.random(in: 0..<40, using: &random) })
            let difference = set(left).subtracting(set(right))
            #expect(
                difference.map(\.ordinal) == left.subtracting(right).sorted(), "\(left.sorted()) - \(right.sorted())")
            for ordinal in 0..<40 {
                let key = PartitionKey(granularity: .day, ordinal: ordinal)
                #expect(difference.contains(key) == left.subtracting(right).contains(ordinal))
            }
        }
    }

    private func set(_ ordinals: Set<Int>) -> PartitionSet {
        PartitionSet(granularity: .day, keys: ordinals.map { PartitionKey(granularity: .day, ordinal: $0) })
    }
}

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

    @Test(arguments: [
        ("2024-02-30", Granularity.day, "'2024-02-30' is not a date of the calendar."),
        ("2023-02-29", .day, "'2023-02-29' is not a date of the calendar."),
        ("2024-13-01", .day, "'2024-13-01' is not a date of the calendar."),
        ("2024-00-01", .day, "'2024-00-01' is not a date of the calendar."),
        ("2024-6-1", .day, "'2024-6-1' is not a day of the form YYYY-MM-DD. Did you mean '2024-06-01'?"),
        ("2024/06/01", .day, "'2024/06/01' is not a day of the form YYYY-MM-DD. Did you mean '2024-06-01'?"),
        ("yesterday", .day, "'yesterday' is not a day of the form YYYY-MM-DD."),
        ("", .day, "'' is not a day of the form YYYY-MM-DD."),
        ("2024-01-01T24", .hour, "'2024-01-01T24' is not an hour: the last of a day is 23."),
        (
            "2024-01-01 05", .hour,
            "'2024-01-01 05' is not an hour of the form YYYY-MM-DDTHH. Did you mean '2024-01-01T05'?"
        ),
        (
            "2024-01-31", .month,
            "'2024-01-31' is a day, but the job is partitioned by month: write it as YYYY-MM, for example 2024-01."
        ),
        (
            "2024-01", .day,
            "'2024-01' is a month, but the job is partitioned by day: write it as YYYY-MM-DD, for example 2024-01-31."
        ),
        ("２０２４-01-01", .day, "'２０２４-01-01' is not a day of the form YYYY-MM-DD."),
        ("+024-01-01", .day, "'+024-01-01' is not a day of the form YYYY-MM-DD."),
    ])
    func `A key that cannot be is refused by name`(text: String, granularity: Granularity, message: String) {
        let error = #expect(throws: PartitionError.self) { try PartitionKey(parsing: text, as: granularity) }
        #expect(error?.description == message)
    }

    @Test func `The calendar agrees with itself over four centuries`() throws {
        var expected = try #require(CivilDate(year: 1600, month: 1, day: 1))
        for days in expected.daysSinceEpoch..<(expected.daysSinceEpoch + 146_097) {
            let date = CivilDate(daysSinceEpoch: days)
            #expect(date == expected)
            #expect(date.daysSinceEpoch == days)
            expected =
                CivilDate(year: date.year, month: date.month, day: date.day + 1)
                ?? CivilDate(year: date.year, month: date.month + 1, day: 1)
                ?? CivilDate(year: date.year + 1, month: 1, day: 1) ?? expected
        }
        #expect(expected == CivilDate(year: 2000, month: 1, day: 1))
    }

    @Test(arguments: [
        ("2024-02", Granularity.month, "2024-02-01 00:00:00", "2024-03-01 00:00:00"),
        ("2023-12", .month, "2023-12-01 00:00:00", "2024-01-01 00:00:00"),
        ("9999-12", .month, "9999-12-01 00:00:00", "10000-01-01 00:00:00"),
        ("2024-02-28", .day, "2024-02-28 00:00:00", "2024-02-29 00:00:00"),
        ("2024-12-31T23", .hour, "2024-12-31 23:00:00", "2025-01-01 00:00:00"),
        ("1969-12-31T23", .hour, "1969-12-31 23:00:00", "1970-01-01 00:00:00"),
    ])
    func `A partition ends where the next one starts`(
        text: String, granularity: Granularity, start: String, end: String
    ) throws {
        let key = try PartitionKey(parsing: text, as: granularity)
        #expect(key.start.description == start)
        #expect(key.end.description == end)
        #expect(key.next.start == key.end)
    }

    @Test(arguments: Granularity.allCases)
    func `Keys sort as text as they sort by time`(granularity: Granularity) {
        let ordinals = [-30_000, -400, -1, 0, 1, 23, 24, 365, 700, 20_000]
        let keys = ordinals.map { PartitionKey(granularity: granularity, ordinal: $0) }
        #expect(keys.map(\.description) == keys.map(\.description).sorted())
        #expect(keys == keys.shuffled().sorted())
    }
}

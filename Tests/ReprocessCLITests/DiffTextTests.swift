import Foundation
import PartitionBackfill
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import ReprocessCLI

/// What `diff` prints.
@Suite struct DiffTextTests {
    private static func key(_ day: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: 19_787 + day) }

    private static let before = PartitionStatistics(
        rows: 612, digest: "1:aa",
        columns: [
            .init(name: "order_id", type: "BIGINT", nulls: 0, distinct: 612, min: "1001", max: "1612", sum: "799578"),
            .init(
                name: "amount_usd", type: "DOUBLE", nulls: 0, distinct: 400, min: "-20.5", max: "250.0",
                sum: "12345678.25"),
            .init(name: "customer", type: "VARCHAR", nulls: 0, distinct: 17, min: "customer-1", max: "customer-9"),
            .init(name: "note", type: "VARCHAR", nulls: 612),
        ])

    private static var after: PartitionStatistics {
        var statistics = before
        statistics.rows = 540
        statistics.digest = "1:bb"
        statistics.columns[0].distinct = 540
        statistics.columns[1].sum = "11234567.14"
        statistics.columns[1].min = "0.5"
        statistics.columns[2].nulls = 12
        statistics.columns[2].type = "INTEGER"
        statistics.columns[3] = .init(
            name: "a_column_with_a_long_name_that_is_new", type: "VARCHAR", nulls: 3, distinct: 2,
            min: String(repeating: "a", count: 64), max: "z\u{1B}[31m\n")
        return statistics
    }

    private static let findings = [
        AuditFinding(audit: "not_empty", severity: .fail, hasPassed: true),
        AuditFinding(audit: "unique: [order_id]", severity: .fail, hasPassed: true),
        AuditFinding(
            audit: "row_count_drop: 10%", severity: .hold, hasPassed: false, count: 72,
            message: "72 of 612 rows are gone, which is more than 10%"),
        AuditFinding(
            audit: "not_null: [customer]", severity: .warn, hasPassed: false, count: 12,
            message: "12 rows have no value", keys: ["1003", "1007\n"]),
    ]

    private static let held = judged(0, outcome: "HELD", reason: "row_count_drop: 10%", findings: findings)

    private static func judged(
        _ day: Int, outcome: String = "COMPLETE", kind: AttemptKind = .run, wasUnchanged: Bool = false,
        reason: String? = nil, old: PartitionSummary? = .init(rows: 612, bytes: 23_400, statistics: before),
        new: PartitionSummary? = .init(rows: 540, bytes: 20_100, statistics: after), findings: [AuditFinding] = []
    ) -> Judged {
        Judged(
            key: key(day), fence: 31 + Int64(day), run: 7, kind: kind, outcome: outcome, wasUnchanged: wasUnchanged,
            reason: reason, transformVersion: "4f2a", old: old, new: new, findings: findings)
    }

    private static let fates: [Judged] = [
        held, judged(1), judged(2, old: nil), judged(3, kind: .approve),
        judged(4, wasUnchanged: true, new: .init(rows: 612, bytes: 23_400, statistics: before)),
        judged(5, wasUnchanged: true, new: .init(rows: 612, bytes: 23_400, statistics: before)),
        judged(6, kind: .undo, old: .init(rows: 540, bytes: 1), new: .init(rows: 540, bytes: 2)),
        judged(7, outcome: "FAILED", reason: "unique: [order_id]: 3 keys occur more than once.\nMore."),
        judged(8, outcome: "HELD", reason: "612 rows would become none", new: .init(rows: 0, bytes: 300)),
        judged(9, outcome: Judged.dropped, new: nil),
        judged(10, new: .init(rows: 612, bytes: 23_401, statistics: before)),
    ]

    @Test func `One partition is a table of what differs`() throws {
        let text = Self.fates.map { DiffText(job: "orders", judged: $0).text }.joined(separator: "\n")
        try GoldenFile.expect(text, equals: "diff.txt")
    }

    @Test func `What footers did not tell of the old rows is no difference`() throws {
        var told = Self.before
        told.digest = nil
        for index in told.columns.indices { (told.columns[index].distinct, told.columns[index].sum) = (nil, nil) }
        told.columns[1].max = nil
        told.columns[3] = .init(name: "note", type: "", nulls: nil)
        var judged = Self.judged(1, old: .init(rows: 612, bytes: 23_400, statistics: told))
        judged.new?.statistics?.columns[3] = .init(name: "note", type: "VARCHAR[]", nulls: 7, distinct: 2)
        let differing = judged.columns.filter(\.isDifferent).map(\.column)
        #expect(differing == ["amount_usd", "customer"])
        let all = DiffText(job: "orders", judged: judged, showsAllColumns: true).text
        try GoldenFile.expect(DiffText(job: "orders", judged: judged).text + all, equals: "diff-footers.txt")
        let json = DiffJSON.partition(judged).text
        #expect(
            json.contains(#""columns_from":"footers""#) && json.contains(#""nulls":null"#)
                && json.contains(#""type":null"#))
    }

    @Test func `All columns are shown where they are asked for`() throws {
        let text = DiffText(job: "orders", judged: Self.held, showsAllColumns: true).text
        let new = DiffText(job: "orders", judged: Self.judged(2, old: nil), showsAllColumns: true).text
        try GoldenFile.expect(text + new, equals: "diff-all-columns.txt")
    }

    @Test func `Many partitions have a line each, and those that did not change are ranges`() throws {
        try GoldenFile.expect(
            DiffOverview(title: "orders, run 7", judged: Self.fates).text, equals: "diff-overview.txt")
    }

    @Test func `For programs all of it is there`() throws {
        let text = DiffJSON.object(job: "orders", run: 7, Self.fates).text + "\n"
        try GoldenFile.expect(text, equals: "diff.json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect((object["unchanged"] as? [String])?.count == 2)
        #expect((object["held"] as? [String])?.count == 2)
        #expect((object["partitions"] as? [Any])?.count == Self.fates.count)
    }

    @Test(arguments: [50, 60, 80, 100, 200])
    func `Tables stay within the width of the screen`(width: Int) {
        let table = DiffText(job: "orders", judged: Self.held, showsAllColumns: true, width: width).text
        let overview = DiffOverview(title: "orders, run 7", judged: Self.fates, width: width).text
        let rows = table.split(separator: "\n").dropFirst(3).prefix { !$0.contains("hold") }
        for line in rows + overview.split(separator: "\n").dropFirst() {
            #expect(line.count <= width, "\(line)")
        }
    }

    @Test func `What the table holds does not steer the terminal`() {
        let text = DiffText(job: "orders", judged: Self.held, showsAllColumns: true, width: 500).text
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains(#"z\u{1b}[31m\n"#))
    }

    private static let comparison = RowComparison(
        added: 1, removed: 73, changed: 5, unchanged: 466,
        addedSample: [[.init(column: "order_id", old: nil, new: "9"), .init(column: "note", old: nil, new: "")]],
        removedSample: [
            [.init(column: "order_id", old: "1", new: nil), .init(column: "note", old: "a\nb", new: nil)],
            [.init(column: "order_id", old: "2", new: nil), .init(column: "note", old: nil, new: nil)],
        ],
        changedSample: [
            [.init(column: "order_id", old: "3", new: "3"), .init(column: "note", old: "null", new: nil)]
        ])

    @Test func `Rows are shown by their keys`() throws {
        let byKey = RowComparisonText(comparison: Self.comparison, keyColumns: ["Order_ID"]).text
        var whole = Self.comparison
        whole.changed = 0
        whole.changedSample = []
        let wholeRows = RowComparisonText(comparison: whole, keyColumns: [], width: 24).text
        try GoldenFile.expect(byKey + "\n" + wholeRows, equals: "diff-rows.txt")
        let json = DiffJSON.object(
            job: "orders", run: nil, [Self.judged(0, new: nil)], rows: [Self.key(0): Self.comparison])
        try GoldenFile.expect(json.text + "\n", equals: "diff-rows.json")
    }

    @Test func `Each decision has a line of its own`() throws {
        let row = ProgressRow(
            key: Self.key(4), status: .complete, completedAt: Date(timeIntervalSince1970: 1_719_835_203))
        let outcomes: [DecisionOutcome] = [
            .published(version: "v", rows: 540), .published(version: "w", rows: 1), .rejected,
            .changedMeanwhile(reason: "it was replaced since it was judged"), .notHeld, .failed(error: "No space.\nX"),
        ]
        let text = outcomes.enumerated().map { place, outcome in
            DecisionText().line(Self.key(place), outcome, row: row)
        }
        let unknown = DecisionText().line(Self.key(9), .notHeld)
        try GoldenFile.expect(text.joined() + unknown, equals: "decisions.txt")
        #expect(outcomes.map(\.isAsDecided) == [true, true, true, false, false, false])
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [
        ("612", "540", "-72 (-11.8%)"), ("0", "12", "+12"), ("12", "12", ""), ("100000", "100001", "+1 (<0.1%)"),
        ("100000", "1", "-99,999 (-99.9%)"), ("100", "0", "-100 (-100%)"), ("1", "5000", "+4,999 (+499,900%)"),
        ("12345678901234567890123.5", "12345678901234567890124.5", "+1 (<0.1%)"), ("-10", "-15", "-5 (-50.0%)"),
        ("1e3", "1500", "+500 (+50.0%)"), ("0.1", "0.3", "+0.2 (+200%)"),
    ])
    func `A change is told in numbers and as a part`(old: String, new: String, change: String) throws {
        #expect(Quantity.change(from: try #require(Quantity(old)), to: try #require(Quantity(new))) == change)
    }

    @Test(arguments: ["", "nan", "inf", "2024-01-01", "12abc", "0x10", "1e999", "+1", "1.", ".5", "١٢"])
    func `What is no number is not taken for one`(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test(arguments: [
        ("1234567.25", "1,234,567.25"), ("-1234", "-1,234"), ("123", "123"), ("2024-01-01", "2024-01-01"),
        ("1234e20", "1234e20"), ("", ""), ("--1234", "--1234"),
    ])
    func `Digits are grouped in numbers alone`(text: String, grouped: String) {
        #expect(NumberText.groupedDigits(text) == grouped)
    }
}

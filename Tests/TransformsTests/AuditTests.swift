import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

struct AuditTests {
    private static let rows = """
        SELECT i AS id, i % 10 AS tens, CASE WHEN i = 3 THEN NULL ELSE 'n' || (i % 4) END AS name, i / 2.0 AS half,
        (i - 50)::DECIMAL(9,2) AS price, 'secret ' || i AS secret FROM range(100) AS t(i)
        """

    private let bench: StagingBench

    init() async throws { bench = try await StagingBench() }

    private func request(
        _ audits: [Audit], rows: String = rows, previous: String? = nil, usesStatistics: Bool = true
    ) async throws -> AuditRequest {
        var request = try bench.request(Query(rows))
        request.measures = true
        let staged = try await bench.session.stage(request)
        let replaced = try previous.map { try bench.copy($0, to: "previous.parquet") }
        let previousRows: Int64?
        if let replaced {
            previousRows = try await bench.session.countRows(inParquetFiles: [replaced])
        } else {
            previousRows = nil
        }
        return AuditRequest(
            audits: audits, staged: .files(staged.files), stagedRows: staged.rows,
            statistics: usesStatistics ? staged.statistics : nil, previous: replaced.map { .files([$0]) },
            previousRows: previousRows, key: request.key, column: request.column)
    }

    /// What an audit finds, with statistics and without: both must say the same.
    private func finding(_ audit: Audit, rows: String = rows, previous: String? = nil) async throws -> AuditFinding {
        var found: [AuditFinding] = []
        for usesStatistics in [true, false] {
            let request = try await request([audit], rows: rows, previous: previous, usesStatistics: usesStatistics)
            found += try await bench.session.audit(request)
        }
        #expect(found.count == 2 && found[0] == found[1])
        return try #require(found.first)
    }

    @Test(
        arguments: [
            .notEmpty, .unique("id"), .unique("tens", "ID"), .unique("id", "day"), .notNull("id", "half", "Day"),
            .acceptedValues("tens", (0..<10).map { .integer($0) }),
            .acceptedValues("name", ["n0", "n1", "n2", "n3"].map { .text($0) }),
            .range("id", min: .integer(0), max: .integer(99)), .range("half", min: .double(0), max: .double(49.5)),
            .range("price", min: .integer(-50), max: .double(49)), .range("secret", min: .text("secret ")),
            .range("day", min: .text("2024-01-02"), max: .text("2024-01-02")),
            .rowCount(min: 100, max: 100), .rowCount(max: 100), .rowCountDrop(0.1), .rowCountChange(0),
            .noRows("FROM staged WHERE id < 0"), .noRows("SELECT * FROM staged JOIN previous USING (id)"),
            .noRows("FROM staged WHERE day <> $partition_start"),
        ] as [Audit])
    func `data that is as demanded passes`(audit: Audit) async throws {
        let finding = try await finding(audit)
        #expect(finding.hasPassed)
        #expect(finding == AuditFinding(audit: audit.description, severity: .fail, hasPassed: true))
    }

    @Test(
        arguments: [
            (
                .unique("tens", showsKeys: true), 10, "10 keys stand in more than one row: tens.",
                ["tens = 0", "tens = 1", "tens = 2"]
            ),
            (
                .unique("name", showsKeys: true), 4, "4 keys stand in more than one row: name.",
                ["name = n0", "name = n1", "name = n2"]
            ),
            (.notNull("id", "name"), 1, "1 row has no value in id or name.", []),
            (
                .acceptedValues("tens", [.integer(1), .integer(2)], showsKeys: true), 80,
                "80 rows have a value in tens that is not accepted.", ["tens = 0", "tens = 3", "tens = 4"]
            ),
            (
                .acceptedValues("name", [.text("n0"), .text("n1"), .text("n2")]), 24,
                "24 rows have a value in name that is not accepted.", []
            ),
            (
                .range("id", min: .integer(1), max: .integer(97), showsKeys: true), 3,
                "3 rows have a value in id that is out of range.", ["id = 0", "id = 98", "id = 99"]
            ),
            (.range("half", max: .double(49.4)), 1, "1 row has a value in half that is out of range.", []),
            (.range("price", min: .double(-49.99)), 1, "1 row has a value in price that is out of range.", []),
            (.rowCount(min: 101), 1, "There are 100 rows, which is fewer than 101.", []),
            (.rowCount(min: 1, max: 99), 1, "There are 100 rows, which is more than 99.", []),
            (
                .noRows("SELECT id FROM staged WHERE id > 97", showsKeys: true), 2, "The query returned 2 rows.",
                ["id = 98", "id = 99"]
            ),
            (.noRows("SELECT secret FROM staged WHERE id = 97"), 1, "The query returned 1 row.", []),
        ] as [(Audit, Int64, String, [String])])
    func `a violation is counted and told without data`(
        audit: Audit, count: Int64, message: String, keys: [String]
    ) async throws {
        let finding = try await finding(audit)
        #expect(!finding.hasPassed)
        #expect(finding.count == count)
        #expect(finding.message == message)
        #expect(finding.keys == keys)
        #expect(finding.audit == audit.description)
    }

    @Test func `an empty result is told, and passes what is about rows`() async throws {
        let none = "FROM (\(Self.rows)) WHERE id < 0"
        #expect(try await finding(.notEmpty, rows: none).message == "There are no rows.")
        for audit in [
            .unique("id"), .notNull("id"), .range("id", min: .integer(5)), .acceptedValues("id", [.integer(7)]),
        ] as [Audit] {
            #expect(try await finding(audit, rows: none).hasPassed)
        }
    }

    @Test func `numbers that a double cannot tell apart are looked at in the rows`() async throws {
        let rows = "SELECT 0.09999999999999999999::DECIMAL(38,20) AS a, 9007199254740993 AS b"
        #expect(try await finding(.range("a", min: .double(0.1)), rows: rows).count == 1)
        #expect(try await finding(.range("b", max: .integer(9_007_199_254_740_992)), rows: rows).count == 1)
        #expect(try await finding(.range("a", min: .double(0.09)), rows: rows).hasPassed)
    }

    @Test func `a share in decimal digits is met to the last of them`() async throws {
        let (rows, previous) = ("SELECT range AS a FROM range(993)", "SELECT range AS a FROM range(1000)")
        // 0.7 / 100 is a little less than 0.007.
        #expect(try await finding(.rowCountDrop(0.7 / 100), rows: rows, previous: previous).hasPassed)
        #expect(try await !finding(.rowCountDrop(0.006), rows: rows, previous: previous).hasPassed)
    }

    @Test func `nulls are equal for a key that must be unique`() async throws {
        let rows = "SELECT unnest([1, 2, NULL, NULL]) AS a, 1 AS b"
        #expect(try await finding(.unique("a"), rows: rows).count == 1)
        #expect(try await finding(.unique("a", "b"), rows: rows).count == 1)
        #expect(try await finding(.unique("a", showsKeys: true), rows: rows).keys == ["a = null"])
        #expect(try await finding(.unique("a"), rows: "SELECT unnest([1, 2, NULL]) AS a").hasPassed)
    }

    @Test(arguments: [
        (89, "fewer", "row_count_drop: 10%", false), (90, "", "row_count_drop: 10%", true),
        (110, "", "row_count_change: 10%", true), (111, "more", "row_count_change: 10%", false),
        (200, "", "row_count_drop: 10%", true), (0, "fewer", "row_count_drop: 10%", false),
    ])
    func `rows are counted against what they replace`(rows: Int, word: String, text: String, passes: Bool) async throws
    {
        let audit: Audit = text.contains("drop") ? .rowCountDrop(0.1) : .rowCountChange(0.1)
        let finding = try await finding(
            audit, rows: "SELECT range AS a FROM range(\(rows))", previous: "SELECT range AS a FROM range(100)")
        #expect(finding.audit == text)
        #expect(finding.hasPassed == passes)
        #expect(
            passes
                || finding.message.contains(
                    "\(rows) rows where there were 100: \(abs(100 - rows))% \(word), and 10% are allowed")
        )
    }

    @Test func `a query compares with what is replaced`() async throws {
        let audit = Audit.noRows("FROM previous ANTI JOIN staged USING (id)", severity: .hold)
        let finding = try await finding(audit, previous: "SELECT range AS id FROM range(103)")
        #expect(finding.count == 3)
        #expect(finding.severity == .hold)
    }

    @Test func `a query that cannot be asked has its line in the user's file`() async throws {
        let query = Query("SELECT id\nFROM previous WHERE secret = 'x'", file: "audits/x.sql")
        let request = try await request([.noRows(query)], previous: "SELECT 1 AS id")
        let error = await #expect(throws: TransformError.self) { try await bench.session.audit(request) }
        #expect(error?.message.hasPrefix("audits/x.sql:2: ") == true)
        #expect(error?.message.contains("secret") == true)
        let failing = try await self.request([.noRows(Query("FROM staged WHERE secret::INT = 1", file: "audits/y.sql"))]
        )
        let data = await #expect(throws: TransformError.self) { try await bench.session.audit(failing) }
        #expect(data?.message.contains("secret 0") == false)
        let syntax = try await self.request([.noRows(Query("DELETE FROM staged", file: "audits/z.sql"))])
        let refused = await #expect(throws: TransformError.self) { try await bench.session.audit(syntax) }
        #expect(refused?.code == .syntax)
    }

    @Test func `a column that is not there is named with those that are`() async throws {
        for usesStatistics in [true, false] {
            let request = try await request([.notEmpty, .unique("id", "nosuch")], usesStatistics: usesStatistics)
            let error = await #expect(throws: TransformError.self) { try await bench.session.audit(request) }
            #expect(
                error?.message
                    == "The audit 'unique: [id, nosuch]' names the column 'nosuch', which the result does not have. Its "
                    + "columns are id, tens, name, half, price, secret, day.")
        }
    }

    @Test func `an audit that the engine refuses is named, without a value of a row`() async throws {
        let request = try await request([
            .unique("tens"), .acceptedValues("secret", [.integer(4), .integer(5)]), .range("id", max: .integer(5)),
        ])
        let error = await #expect(throws: TransformError.self) { try await bench.session.audit(request) }
        #expect(
            error?.message.hasPrefix("The audit 'accepted_values: { column: secret, values: [4, 5] }' cannot be asked")
                == true)
        #expect(error?.message.contains("secret 0") == false)
    }

    @Test func `many audits are answered in their order`() async throws {
        let audits: [Audit] = [
            .noRows("FROM staged WHERE id = 1", severity: .warn), .unique("tens", severity: .hold), .notEmpty,
            .notNull("name"),
            .unique("id"), .range("id", max: .integer(5)), .unique("name"), .acceptedValues("tens", [.integer(1)]),
        ]
        let found = try await bench.session.audit(try await request(audits))
        #expect(found.map(\.audit) == audits.map(\.description))
        #expect(found.map(\.count) == [1, 10, 0, 1, 0, 94, 4, 90])
        #expect(found.map(\.severity) == audits.map(\.severity))
    }

    @Test func `what is known already is not read`() async throws {
        var request = try await request([
            .notEmpty, .notNull("id"), .range("id", min: .integer(0)), .rowCount(max: 100), .rowCountDrop(0.5),
        ])
        request.staged = .files(["/nowhere/gone.parquet"])
        #expect(try await bench.session.audit(request).allSatisfy(\.hasPassed))
        request.audits = [.unique("id")]
        let unreadable = request
        await #expect(throws: TransformError.self) { try await bench.session.audit(unreadable) }
    }
}

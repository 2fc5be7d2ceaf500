import Foundation
import TestSupport
import Testing
import Transforms

@testable import ReprocessCLI

@Suite struct AuditConfigurationTests {
    private func decode(_ audits: String) throws -> JobConfiguration {
        let text = BadConfiguration.validJob + audits.split(separator: "\n").map { "    \($0)\n" }.joined()
        let configuration = try ConfigurationDecoder(file: "/project/reprocess.yaml", environment: [:]).decode(text)
        return try #require(configuration.jobs.first)
    }

    private func known(_ audits: String) throws -> [Audit] {
        try decode(audits).audits.compactMap { audit in
            guard case .known(let rule) = audit.rule else { return nil }
            return Audit(rule, severity: audit.severity, showsKeys: audit.showsKeys)
        }
    }

    @Test func `Short forms say what matters and fail`() throws {
        let audits = try known(
            """
            audits:
              - not_empty
              - unique: [a, b]
              - unique: a
              - not_null: [c]
              - row_count: 188
              - row_count_drop: 10%
              - row_count_change: 0.25
            """)
        #expect(
            audits == [
                .notEmpty, .unique("a", "b"), .unique("a"), .notNull("c"), .rowCount(min: 188, max: 188),
                .rowCountDrop(0.1), .rowCountChange(0.25),
            ])
    }

    @Test func `Long forms have a severity and show keys where they are told to`() throws {
        let audits = try known(
            """
            audits:
              - not_empty: { severity: hold }
              - unique: { columns: [a], severity: warn, show_keys: true }
              - not_null: { columns: a, severity: hold }
              - accepted_values: { column: state, values: [open, "1", 1, true], show_keys: true }
              - range: { column: amount, min: 0, max: 1.5, severity: warn }
              - range: { column: day, min: 2024-01-01 }
              - row_count: { min: 100, max: 5000, severity: hold }
              - row_count_drop: { limit: 10%, severity: hold }
            """)
        #expect(
            audits == [
                .notEmpty(severity: .hold), .unique("a", severity: .warn, showsKeys: true),
                .notNull("a", severity: .hold),
                .acceptedValues("state", [.text("open"), .text("1"), .integer(1), .bool(true)], showsKeys: true),
                .range("amount", min: .integer(0), max: .double(1.5), severity: .warn),
                .range("day", min: .text("2024-01-01")), .rowCount(min: 100, max: 5000, severity: .hold),
                .rowCountDrop(0.1, severity: .hold),
            ])
    }

    @Test func `A job is measured unless it says otherwise`() throws {
        #expect(try decode("description: x").measures)
        #expect(try decode("statistics: false").measures == false)
        #expect(try decode("statistics: true").measuresReplaced == false)
        let full = try decode("statistics: full")
        #expect(full.measures && full.measuresReplaced)
    }

    @Test func `A query comes from a file, and changes no version`() throws {
        let folder = try TemporaryDirectory()
        for (name, text) in [("orders.sql", "SELECT 1 AS a"), ("negative.sql", "FROM staged WHERE a < 0")] {
            try Data(text.utf8).write(to: URL(filePath: folder.appending(name)))
        }
        func jobs(_ audits: String) throws -> [Job] {
            let decoder = ConfigurationDecoder(file: folder.appending("reprocess.yaml"), environment: [:])
            return try decoder.decode(BadConfiguration.validJob + audits).loadJobs()
        }
        let plain = try #require(try jobs("").first)
        let audited = try #require(
            try jobs("    audits: [no_rows: negative.sql, no_rows: { query: ./negative.sql, severity: warn }]\n").first)
        #expect(audited.version == plain.version)
        #expect(audited.audits.map(\.description) == ["no_rows: negative.sql", "no_rows: ./negative.sql"])
        #expect(audited.audits.map(\.severity) == [.fail, .warn])
        guard case .noRows(let query) = audited.audits.first?.rule else {
            Issue.record("It is no query.")
            return
        }
        #expect(query.text == "FROM staged WHERE a < 0")
        let error = #expect(throws: ConfigurationError.self) { try jobs("    audits: [no_rows: nowhere.sql]\n") }
        #expect(error?.position == SourcePosition(line: 6, column: 14))
        #expect(error?.message.contains("nowhere.sql' of an audit of the job 'orders' cannot be used") == true)
    }

    @Test(arguments: [
        ("audits: not_empty", "6:13: 'audits' of the job 'orders' must be a list, but is a single value"),
        ("audits: [uniqe: [a]]", "6:14: 'uniqe' in 'audits' of the job 'orders' is no audit. Did you mean 'unique'?"),
        ("audits: [zzzzzzzz]", "is no audit. There are not_empty, unique, not_null, accepted_values, range, row_count"),
        ("audits: [unique]", "6:14: The audit 'unique' needs more than its name: unique: [id]."),
        ("audits: [unique: ]", "6:14: The audit 'unique' has no value: unique: [id]."),
        ("audits: [unique: []]", "names no column."),
        ("audits: [{ unique: a, severity: warn }]", "An audit of 'audits' of the job 'orders' has one name"),
        ("audits: [unique: { columns: [a], severty: warn }]", "Did you mean 'severity'?"),
        ("audits: [unique: { columns: [a], severity: hld }]", "must be one of fail, hold, warn. Did you mean 'hold'?"),
        ("audits: [not_null: { columns: [a], show_keys: true }]", "'show_keys' is not a key of the audit 'not_null'."),
        ("audits: [row_count_drop: 10]", "The audit 'row_count_drop' is '10', but must be a share of the rows"),
        ("audits: [row_count_drop: -1%]", "must be a share of the rows: write 10% or 0.1."),
        ("audits: [row_count_drop: { severity: hold }]", "The key 'limit' of the audit 'row_count_drop' is missing"),
        ("audits: [row_count: many]", "must be a whole number, 0 or more, but is 'many'."),
        ("audits: [row_count: {}]", "The audit 'row_count' needs 'min', 'max' or both."),
        ("audits: [row_count: { min: 5, max: 4 }]", "'min' of the audit 'row_count' is greater than 'max'."),
        ("audits: [range: { column: a }]", "The audit 'range' needs 'min', 'max' or both."),
        ("audits: [range: a]", "must be written as range: { column: amount, min: 0 }"),
        ("audits: [accepted_values: { column: a, values: x }]", "must be a list of values."),
        ("audits: [[not_empty]]", "must be a name, but is a list."),
        ("statistics: maybe", "'statistics' of the job 'orders' must be true, false or full, but is 'maybe'."),
    ])
    func `What is no audit is told with its place`(line: String, expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try decode(line) }
        #expect(error?.inFile("f").description.contains(expected) == true, "\(String(describing: error))")
    }
}

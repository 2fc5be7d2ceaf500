import DuckDBEngine
import Partitions
import Testing

@testable import Transforms

@Suite struct FailureNatureTests {
    @Test(arguments: [
        (503, FailureNature.transient), (500, .transient), (429, .transient), (408, .transient), (404, .permanent),
        (403, .permanent), (400, .permanent),
    ])
    func `The status of a server says whether it passes`(status: Int, nature: FailureNature) {
        let report = """
            {"exception_type":"HTTP","exception_message":"HTTP \(status)","status_code":"\(status)",
            "header_Retry-After":"17","reason":"x","response_body":""}
            """
        let error = DuckDBError(report: report)
        #expect(error.kind == .http && error.status == status)
        #expect(error.nature == nature)
        #expect(error.retryAfter(now: 0) == .seconds(17))
    }

    @Test(arguments: [
        "-1", "", "soon", "Wed, 21 Oct 2026 07:28:00", "Wed, 31 Sep 2026 07:28:00 GMT", "Wed, 21 Oct 2026 24:00:00 GMT",
        "Wed 21 Oct 2026 07:28:00 GMT", "Wednesday, 21-Oct-2026 07:28:00 GMT", "Xyz Oct 21 07:28:00 2026",
    ])
    func `What is no number of seconds and no date is left to the usual delays`(text: String) {
        let error = Self.busy(until: text)
        #expect(error.retryAfter(now: 1_790_000_000) == nil)
        #expect(error.nature == .transient)
    }

    /// 2026-10-21 07:27:00 UTC.
    private static let now = 1_792_567_620

    private static func busy(until text: String, date: String? = nil) -> DuckDBError {
        var headers = ["retry-after": text]
        headers["date"] = date
        return DuckDBError(.http, "x", status: 503, headers: headers)
    }

    @Test(arguments: [
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60), ("Wednesday, 21-Oct-26 07:28:00 GMT", 60),
        ("Wed Oct 21 07:28:00 2026", 60), ("Sun Nov  1 07:27:00 2026", 11 * 86_400),
        // What is past means now. A year of two digits is at most fifty years ahead.
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0), ("Sun Nov  6 08:49:37 1994", 0),
        ("Tuesday, 21-Oct-76 07:27:00 GMT", 50 * 365 * 86_400 + 13 * 86_400), ("Friday, 21-Oct-77 07:27:00 GMT", 0),
    ])
    func `A server may say until when it wants to be left alone`(text: String, seconds: Int) {
        #expect(Self.busy(until: text).retryAfter(now: Self.now) == .seconds(seconds))
    }

    @Test func `A date is compared with the clock of the server that wrote it`() {
        let error = Self.busy(until: "Wed, 21 Oct 2026 07:28:00 GMT", date: "Wed, 21 Oct 2026 07:27:30 GMT")
        #expect(error.retryAfter(now: Self.now - 5000) == .seconds(30))
    }

    @Test func `The clock is asked when the error is told`() {
        let error = Self.busy(until: "Wed, 21 Oct 2026 07:28:00 GMT")
        let translation = FailureTranslation(query: Query("SELECT 1"), scan: SQLScanner("SELECT 1")) { Self.now }
        #expect(translation.error(error, in: nil).retryAfter == .seconds(60))
    }

    @Test func `Of functions that do not fit, three are named and the others counted`() {
        let message = """
            No function matches the given name and argument types '+(DATE, BLOB)'. You might need to add explicit type casts.
            \tCandidate functions:
            \t+(TINYINT) -> TINYINT
            \t+(TINYINT, TINYINT) -> TINYINT
            \t+(SMALLINT) -> SMALLINT
            \t+(SMALLINT, SMALLINT) -> SMALLINT
            \t+(INTEGER) -> INTEGER

            """
        let short = CandidateList.shortened(message)
        #expect(short.hasSuffix("\t+(SMALLINT) -> SMALLINT\n\tand 2 more\n"))
        #expect(
            short.hasPrefix("No function matches the given name and argument types '+(DATE, BLOB)'. You might need"))
        let three = message.split(separator: "\n").prefix(5).joined(separator: "\n")
        #expect(CandidateList.shortened(three) == three)
        #expect(CandidateList.shortened("Another message") == "Another message")
    }

    @Test(arguments: [
        (DuckDBError(.http, "Connection refused"), FailureNature.transient), (DuckDBError(.parser, ""), .permanent),
        (DuckDBError(.binder, ""), .permanent), (DuckDBError(.catalog, ""), .permanent),
        (DuckDBError(.conversion, ""), .permanent), (DuckDBError(.outOfMemory, ""), .outOfMemory),
        (DuckDBError(.io, "Too many open files"), .transient), (DuckDBError(.io, "No such file"), .unknown),
        (DuckDBError(.other("x"), ""), .unknown),
    ])
    func `The kind of an engine's error says whether it passes`(error: DuckDBError, nature: FailureNature) {
        #expect(error.nature == nature)
    }

    @Test func `A query that cannot be right is not tried again`() async throws {
        let session = try await DuckDBSQLEngine().openSession()
        let error = await #expect(throws: TransformError.self) {
            try await session.check(Query("SELECT nothing FROM nowhere"))
            _ = try await session.rows(
                of: Query("SELECT nothing FROM nowhere"), key: .init(granularity: .day, ordinal: 0), column: "day",
                tables: [:])
        }
        #expect(error?.nature == .permanent)
        await session.close()
    }
}

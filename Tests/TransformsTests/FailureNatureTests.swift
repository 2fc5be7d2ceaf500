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
        #expect(error.retryAfter == .seconds(17))
    }

    @Test(arguments: ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", ""])
    func `What is no number of seconds is left to the usual delays`(text: String) {
        let report =
            "{\"exception_type\":\"HTTP\",\"exception_message\":\"x\",\"status_code\":\"503\",\"header_retry-after\":\"\(text)\"}"
        #expect(DuckDBError(report: report).retryAfter == nil)
        #expect(DuckDBError(report: report).nature == .transient)
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

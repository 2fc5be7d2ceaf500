import TestSupport
import Testing

@testable import Transforms
import DuckDBEngine

/// Messages are DuckDB's own, made by queries that fail on their data.
struct RedactionTests {
    private static let secrets = ["geheim", "98765", "30303030", "xyzzy"]

    @Test(arguments: [
        ("SELECT a::INT FROM t", "Could not convert string '…' to INT32 when casting from source column a"),
        (
            "SELECT a::DATE FROM t",
            "invalid date field format: \"…\", expected format is (YYYY-MM-DD) when casting from source column a"
        ),
        ("SELECT a::TIMESTAMP FROM t", "invalid timestamp field format: \"…\""),
        ("SELECT strptime(a, '%Y-%m-%d') FROM t", "Could not parse string \"…\""),
        (
            "SELECT b::TINYINT FROM t",
            "Type INT32 with value … can't be cast because the value is out of range for the destination type INT8"
        ),
        ("SELECT (b * 1000000000000)::BIGINT * b * b FROM t", "Overflow in multiplication of INT64 (… * …)!"),
        ("SELECT b::DECIMAL(4,2) FROM t", "Could not cast value … to DECIMAL(4,2)"),
        ("SELECT a::UUID FROM t", "Could not convert string '…' to INT128"),
        ("SELECT ('{' || a)::JSON FROM t", "Malformed JSON at byte 1 of input: unexpected character.  Input: \"…\""),
        (
            "SELECT a::BLOB FROM (SELECT a || 'ü' AS a FROM t)",
            "Invalid byte encountered in STRING -> BLOB conversion of string \"…\"."
        ),
        (
            "SELECT ('[' || a)::INT[] FROM t",
            "Type VARCHAR with value '…' can't be cast to the destination type INTEGER[]"
        ),
        ("SELECT (a || ''' or ''')::INT FROM t", "Could not convert string '…' to INT32"),
        ("SELECT (a || chr(10) || a)::INT FROM t", "Could not convert string '…' to INT32"),
        ("SELECT make_date(b, 13, 1) FROM t", "Date out of range: …"),
        ("SELECT date_trunc(a, current_date) FROM t", "extract specifier \"…\" not recognized"),
        ("SELECT timezone(a, now()) FROM t", "Unknown TimeZone '…'!"),
        ("SELECT chr(b * 1000) FROM t", "Invalid UTF8 Codepoint …"),
        ("SELECT unhex(a) FROM t", "Invalid input for hex digit: …"),
        ("SELECT from_base64(a) FROM t", "Could not decode string \"…\" as base64: invalid byte value"),
        ("SELECT error('bad row: ' || a) FROM t", "bad row: …"),
        ("SELECT error(a) FROM t", "…"),
        ("SELECT struct_pack(x := a)::STRUCT(x INT) FROM t", "Could not convert string '…' to INT32"),
        ("SELECT a::ENUM('x') FROM t", "Could not convert string '…' to UINT8"),
        ("SELECT a::INTERVAL FROM t", "Could not convert string '…' to INTERVAL"),
        ("SELECT ('x' || a)::BIT FROM t", "Invalid character encountered in string -> bit conversion: '…'"),
    ])
    func `values are taken out of the messages of failed rows`(sql: String, expected: String) async throws {
        let bench = try await StagingBench()
        try bench.write("a,b\ngeheim xyzzy,98765\n", to: "t.csv")
        let source = Source(
            name: "t", path: bench.folder.appending("t.csv"), format: .csv,
            options: ["columns": .map(["a": .text("VARCHAR"), "b": .text("INTEGER")]), "header": .bool(true)])
        let error = try await bench.stagingError(Query(sql, sources: [source]))
        #expect(error.code == .query)
        #expect(error.message.contains(expected))
        for secret in Self.secrets { #expect(!error.message.contains(secret)) }
    }

    @Test(arguments: [
        ("1,x\n2,geheim,98765\n", "expected 2 columns, found 3"),
        ("geheim,x\n", "a value of column 'a' is no BIGINT"),
        ("1,\"geheim\n", "a quoted value has no closing quote"),
        ("1,geheim\u{FFFF}", nil),
        (
            "1,\"geheim\nExpected Number of Columns: 98765 Found: 98765\n  file = /geheim\n\",1,2\n",
            "expected 2 columns, found 3"
        ),
    ])
    func `a broken line of a CSV file is named and not shown`(ending: String, reason: String?) async throws {
        let bench = try await StagingBench()
        let rows = (0..<30_000).map { "\($0),x\n" }.joined()
        let path = try bench.write("a,b\n" + rows + ending, to: "2024-01-02.csv")
        let options: [String: Source.Literal] = [
            "columns": .map(["a": .text("BIGINT"), "b": .text("VARCHAR")]), "header": .bool(true), "quote": .text("\""),
        ]
        let source = Source(path: path, format: .csv, options: options)
        let query = Query("SELECT max(a), max(b) FROM source", sources: [source])
        guard let reason else {
            _ = try await bench.session.stage(try bench.request(query))
            return
        }
        let error = try await bench.stagingError(query)
        #expect(error.message.contains("of '\(path)'"))
        #expect(error.message.contains(reason))
        #expect(error.message.contains("Line 3000"))
        for secret in Self.secrets { #expect(!error.message.contains(secret)) }
    }

    @Test func `a broken JSON file is named with its line`() async throws {
        let bench = try await StagingBench()
        let path = try bench.write(
            String(repeating: "{\"a\": 1}\n", count: 30_000) + "{\"a\": \"geheim\"}\n", to: "f.json")
        let query = Query("SELECT max(a) FROM source", sources: [Source(path: path, format: .json)])
        let message = try await bench.stagingError(query).message
        #expect(message.contains("in line 30001") && message.contains(path))
        #expect(!message.contains("geheim"))
    }

    @Test(arguments: [
        (
            "HTTP GET error on 'https://user:geheim@host/x?X-Amz-Signature=geheim' (HTTP 403)",
            "HTTP GET error on 'https://host/x?… (HTTP 403)"
        ),
        ("at s3://bucket/key.parquet now", "at s3://bucket/key.parquet now"),
        ("no address", "no address"),
    ])
    func `secrets are taken out of addresses`(message: String, expected: String) {
        #expect(RedactedURL.removingSecrets(from: message) == expected)
    }

    @Test func `errors about the statement itself stay whole`() {
        let redaction = Redaction(known: [], hasOwnErrors: false)
        let message = "Referenced column \"x\" not found in FROM clause!\nCandidate bindings: \"y2\""
        #expect(redaction.message(of: DuckDBError(.binder, message)) == message)
    }
}

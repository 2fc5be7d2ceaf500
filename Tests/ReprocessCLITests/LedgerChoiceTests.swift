import ProgressStore
import Testing

@testable import ReprocessCLI

@Suite struct LedgerChoiceTests {
    @Test(
        arguments: [
            ("postgres://h/d", [:], .server(conninfo: "postgres://h/d")),
            ("postgres://h/d", ["PGHOST": "x"], .server(conninfo: "postgres://h/d")),
            (nil, ["PGHOST": "x"], .environment), (nil, ["PGSERVICE": "x"], .environment),
            (nil, ["PGHOST": ""], .embedded(projectDirectory: "/p")),
            (nil, ["PGUSER": "x"], .embedded(projectDirectory: "/p")),
            (nil, [:], .embedded(projectDirectory: "/p")),
        ] as [(String?, [String: String], LedgerLocation)])
    func `What is given comes before libpq's environment, and that before the embedded ledger`(
        given: String?, environment: [String: String], expected: LedgerLocation
    ) {
        #expect(LedgerChoice.location(given: given, environment: environment, projectDirectory: "/p") == expected)
    }

    @Test(arguments: [
        ("postgresql://u:se@cret@db.example:5433/lake?sslmode=require", "PostgreSQL at db.example:5433/lake"),
        ("postgres://db/lake", "PostgreSQL at db/lake"),
        ("postgres:///lake?host=/run&password=secret", "PostgreSQL at /lake"),
        ("postgres://", "PostgreSQL at the default host"),
        ("host=db port=5433 password=secret dbname=lake", "PostgreSQL at host=db port=5433 dbname=lake"),
        ("password = secret host=db", "PostgreSQL at host=db"),
        ("password='a host=secret dbname=secret'", "PostgreSQL at a server given by its parameters"),
        ("secret", "PostgreSQL at the default host"),
    ])
    func `A ledger is told without its password`(conninfo: String, text: String) {
        #expect(LedgerChoice.describe(.server(conninfo: conninfo), schema: "reprocess", environment: [:]) == text)
    }
}

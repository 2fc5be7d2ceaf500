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

    @Test(
        arguments: [
            ("postgresql://u:secret@db.example:5433/lake?sslmode=require", [:], " at db.example:5433, database lake"),
            ("postgresql://u:se@cret@db.example:5433/lake", [:], ""),
            ("postgres://db/lake", [:], " at db, database lake"),
            ("postgres://[::1]:5433", [:], " at [::1]:5433"),
            ("postgres:///lake?host=/run&password=secret", [:], " at the socket in /run, database lake"),
            ("postgres://", [:], " at the default host"),
            ("postgres:///lake", ["PGHOST": "db", "PGPORT": "7"], " at db:7, database lake"),
            ("service=lake password=secret", [:], " at the service 'lake'"),
            ("host=db port=5433 password=secret dbname=lake", [:], " at db:5433, database lake"),
            ("password = secret host=db", ["PGPASSWORD": "secret"], " at db"),
            ("host='/tmp/my socket' port=5433", [:], " at the socket in /tmp/my socket, port 5433"),
            ("password='a host=secret dbname=secret'", [:], " at the default host"),
            ("secret", [:], ""),
        ] as [(String, [String: String], String)])
    func `A ledger is told without its password`(conninfo: String, environment: [String: String], text: String) {
        let described = LedgerChoice.describe(
            .server(conninfo: conninfo), schema: "reprocess", environment: environment)
        #expect(described == "PostgreSQL\(text)")
    }

    @Test func `An embedded ledger is where its folder is, seen from here`() {
        let described = LedgerChoice.describe(
            .embedded(projectDirectory: "/home/me/project"), schema: "mine", environment: [:],
            paths: MessagePaths(workingDirectory: "/home/me/project"))
        #expect(described == "embedded, in .reprocess/postgres, schema mine")
        let environment = ["PGHOST": "/run", "PGDATABASE": "lake"]
        let fromEnvironment = LedgerChoice.describe(.environment, schema: "reprocess", environment: environment)
        #expect(fromEnvironment == "PostgreSQL at the socket in /run, database lake")
    }
}

import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What a user reads when the ledger's database is not there.
@Suite(.timeLimit(.minutes(3))) struct UnreachableTests {
    struct Address: Sendable, CustomTestStringConvertible {
        let conninfo: String
        let code: LedgerError.Code
        let mentions: [String]
        var testDescription: String { conninfo }
    }

    static let secret = "s3cr3t-w0rd"

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            Address(
                conninfo: "postgresql://ann:\(secret)@127.0.0.1:1/ledger", code: .unreachable,
                mentions: ["host \"127.0.0.1\", port 1", "database \"ledger\"", "Connection refused"]),
            Address(
                conninfo: "host=localhost port=1 user=ann password=\(secret) dbname=ledger", code: .unreachable,
                mentions: ["host \"localhost\", port 1", "database \"ledger\""]),
            Address(
                conninfo: "host=/nowhere/at/all port=5433 password='\(secret)' dbname=ledger", code: .unreachable,
                mentions: ["socket folder \"/nowhere/at/all\", port 5433", "database \"ledger\"", "No such file"]),
            Address(
                conninfo: "postgres://ann:\(secret)@no-such-host.invalid/ledger", code: .unreachable,
                mentions: ["host \"no-such-host.invalid\", port 5432", "database \"ledger\""]),
            Address(
                conninfo: "postgresql://ann:\(secret)@h:port/ledger", code: .refused,
                mentions: ["postgresql://user@host"]),
            Address(
                conninfo: "postgresql://ann:\(secret)/x@h:5432/ledger", code: .refused, mentions: ["percent-encoded"]),
            Address(
                conninfo: "postgresql://ann:\(secret)@x@h:5432/ledger", code: .refused, mentions: ["percent-encoded"]),
            Address(
                conninfo: "postgresql://ann:\(secret)%zz@h:5432/ledger", code: .refused, mentions: ["percent-encoded"]),
            Address(
                conninfo: "postgresql://ann:\(secret)?x@h.invalid:5432/ledger", code: .unreachable,
                mentions: ["host \"h.invalid\", port 5432"]),
            Address(
                conninfo: "host=h password=\(secret) word dbname=ledger", code: .refused, mentions: ["host=… port=…"]),
            Address(conninfo: "\(secret)", code: .refused, mentions: ["postgresql://user@host"]),
            Address(conninfo: "mysql://ann:\(secret)@h/ledger", code: .refused, mentions: ["postgresql://user@host"]),
        ])
    func `A database that was never there is one clear sentence without the password`(address: Address) async throws {
        // What was never there is not waited for, however patient the options are.
        let patient = LedgerOptions(worker: "w", connectTimeout: .seconds(3600))
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(.server(conninfo: address.conninfo), options: patient)
        }
        let message = try #require(error?.message)
        #expect(error?.code == address.code)
        for part in address.mentions { #expect(message.contains(part), "\(message)") }
        #expect(!message.contains(Self.secret), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(arguments: [
        ("dbname='no_such_database'", "3D000", "Create the database"),
        ("user='no such user'", "28000", "Check the user name"),
    ])
    func `A server that says no is not asked again`(change: String, state: String, advice: String) async throws {
        let cluster = try await TestCluster.shared()
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(
                .server(conninfo: "host='\(cluster.folder)' user=reprocess dbname=postgres \(change)"),
                options: LedgerOptions(worker: "w"))
        }
        #expect(error?.code == .refused)
        #expect(error?.sqlState == state)
        #expect(error?.message.contains(advice) == true)
        #expect(error?.message.contains(cluster.folder) == true)
    }

    @Test func `A server that accepts and says nothing is given up after the time for connecting`() async throws {
        let silence = try SilentServer()
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(
                .server(
                    conninfo: "host=127.0.0.1 port=\(silence.port) dbname=ledger sslmode=disable gssencmode=disable"),
                options: LedgerOptions(worker: "w", connectTimeout: .milliseconds(300)))
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("port \(silence.port)") == true)
        #expect(error?.message.contains("no answer within 300 ms") == true)
    }

    @Test(arguments: [
        (
            "connection to server at \"h\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password authentication failed for user \"ann\"\nLOCATION:  x",
            "28P01", "password authentication failed for user \"ann\""
        ),
        ("FATAL:  57P03: the database system is starting up\n", "57P03", "the database system is starting up"),
        (
            "connection to server on socket \"/s/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running?",
            nil, "No such file or directory"
        ),
        (
            "server closed the connection unexpectedly\n\tThis probably means", nil,
            "server closed the connection unexpectedly"
        ),
        ("", nil, "no answer"),
    ])
    func `The cause is taken out of what libpq says`(text: String, state: String?, sentence: String) {
        let parted = ConnectionProblem.parted(text)
        #expect(parted.sqlState == state)
        #expect(parted.sentence == sentence)
    }

    @Test func `What the user set is left as it is`() throws {
        let address = try ServerAddress(
            conninfo:
                "host=h tcp_user_timeout=7 target_session_attrs=any options='-c work_mem=1MB' application_name=mine",
            applicationName: "reprocess", usesStartupOptions: true)
        let values = Dictionary(address.parameters.map { ($0.keyword, $0.value) }, uniquingKeysWith: { $1 })
        #expect(address.parameters.count == values.count)
        #expect(values["tcp_user_timeout"] == "7")
        #expect(values["target_session_attrs"] == "any")
        #expect(values["options"] == "-c work_mem=1MB")
        #expect(values["application_name"] == "mine")
        #expect(values["fallback_application_name"] == "reprocess")
        #expect(values["keepalives_idle"] == "30")
    }

    @Test func `What a service may set is left to it`() throws {
        let keywords = { (conninfo: String) in
            let address = try ServerAddress(
                conninfo: conninfo, applicationName: "reprocess", usesStartupOptions: true)
            return Set(address.parameters.map(\.keyword))
        }
        let defaults: Set = [
            "options", "target_session_attrs", "keepalives_idle", "keepalives_interval", "keepalives_count",
            "tcp_user_timeout",
        ]
        #expect(try keywords("service=lake").isDisjoint(with: defaults))
        #expect(try keywords("host=h").isSuperset(of: defaults))
    }

    @Test func `Variables fill what the address leaves open, and hide their secrets`() throws {
        let address = try ServerAddress(
            conninfo: "host=h user=own",
            variables: [
                "PGUSER": "theirs", "PGPORT": "7", "PGPASSWORD": "abc", "PGDATABASE": "", "PGOPTIONS": "-c x=1",
                "PGDATA": "/no/parameter",
            ],
            applicationName: "reprocess", usesStartupOptions: true)
        let values = Dictionary(address.parameters.map { ($0.keyword, $0.value) }, uniquingKeysWith: { $1 })
        #expect(address.parameters.count == values.count)
        #expect(values["user"] == "own")
        #expect(values["port"] == "7")
        #expect(values["options"] == "-c x=1")
        #expect(values["dbname"] == nil)
        #expect(!values.values.contains("/no/parameter"))
        #expect(address.redacted("it was abc") == "it was ***")
    }

    @Test func `A service that a variable names is left what it may set`() throws {
        let address = try ServerAddress(
            conninfo: nil, variables: ["PGSERVICE": "lake"], applicationName: "reprocess", usesStartupOptions: true)
        let keywords = Set(address.parameters.map(\.keyword))
        #expect(keywords == ["service", "fallback_application_name", "client_encoding"])
    }

    @Test func `A secret is taken out wherever it turns up`() throws {
        let address = try ServerAddress(
            conninfo: "host=h password=abc", applicationName: "reprocess", usesStartupOptions: true)
        #expect(address.redacted("abc, xabcx and abc") == "***, x***x and ***")
    }
}

/// A server that takes connections and never answers.
final class SilentServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw TestExpectation("no port") }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}

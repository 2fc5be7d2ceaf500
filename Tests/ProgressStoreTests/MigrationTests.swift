import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(3))) struct MigrationTests {
    @Test func `Twenty processes that start at once share one ledger`() async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let ledger = try await Ledger.open(
                        .server(conninfo: cluster.conninfo),
                        options: LedgerOptions(schema: schema, worker: "host:\(number):x"))
                    _ = try await ledger.currentFence()
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let versions = try await cluster.execute("SELECT version FROM \(schema).schema_version ORDER BY version")
        #expect(versions == Migration.all.map { ["\($0.version)"] })
    }

    @Test func `Ledgers made at once in several databases share one dashboard role`() async throws {
        let cluster = try await TestCluster.shared()
        var databases: [String] = []
        for _ in 0..<4 { databases.append(try await cluster.freshDatabase()) }
        try await withThrowingTaskGroup { group in
            for database in databases {
                group.addTask {
                    let ledger = try await Ledger.open(
                        .server(conninfo: cluster.conninfo(database: database)), options: LedgerOptions(worker: "w"))
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        for database in databases {
            let rows = try await cluster.execute(
                "SET ROLE reprocess_dashboard; SELECT count(*) FROM reprocess.run_summary", database: database)
            #expect(rows == [["0"]])
        }
    }

    @Test func `A ledger of a newer version is refused and left as it is`() async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute("INSERT INTO reprocess.schema_version (version, applied_by) VALUES (99, 'later')")
        let error = await #expect(throws: LedgerError.self) { try await fixture.anotherLedger() }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("99") == true)
        #expect(error?.message.contains("\(Migration.current) at most") == true)
        #expect(error?.message.contains("Upgrade") == true)
        #expect(
            try await fixture.execute("SELECT count(*) FROM reprocess.schema_version")
                == [["\(Migration.all.count + 1)"]])
    }

    @Test func `A user who may not create roles gets a ledger without the dashboard role`() async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let user = "user_" + cluster.freshSchema()
        try await cluster.execute("CREATE ROLE \(user) LOGIN; GRANT CREATE ON DATABASE \(database) TO \(user)")
        let conninfo = cluster.conninfo(database: database).replacing("user=reprocess", with: "user=\(user)")
        let ledger = try await Ledger.open(.server(conninfo: conninfo), options: LedgerOptions(worker: "w"))
        #expect(try await ledger.claim(request(days(1))).count == 1)
        await ledger.close()
    }

    @Test func `A user who may write nothing is told so`() async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let user = "user_" + cluster.freshSchema()
        try await cluster.execute("CREATE ROLE \(user) LOGIN")
        let conninfo = cluster.conninfo(database: database).replacing("user=reprocess", with: "user=\(user)")
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(.server(conninfo: conninfo), options: LedgerOptions(worker: "w"))
        }
        #expect(error?.code == .refused)
        #expect(error?.sqlState == "42501")
        #expect(error?.message.contains("permission denied") == true)
    }

    @Test func `The dashboard role reads the views and nothing else`() async throws {
        let fixture = try await LedgerFixture.make()
        for view in ["run_summary", "daily_status", "recent_failures", "worker_status"] {
            try await fixture.execute("SET ROLE reprocess_dashboard; SELECT * FROM reprocess.\(view)")
        }
        for sql in [
            "SELECT * FROM reprocess.partition_progress", "SELECT nextval('reprocess.fence')",
            "DELETE FROM reprocess.attempt", "UPDATE reprocess.run SET control = 'CANCEL'",
        ] {
            let refusal = await fixture.refusal(of: "SET ROLE reprocess_dashboard; \(sql)")
            #expect(refusal?.contains("permission denied") == true, "\(sql)")
        }
    }

    @Test(arguments: [(nil, SchemaStanding.behind), (0, .behind), (2, .current), (3, .newer(3)), (1, .behind)])
    func `The version found decides what is done`(found: Int?, standing: SchemaStanding) {
        #expect(SchemaStanding(found: found, known: 2) == standing)
    }
}

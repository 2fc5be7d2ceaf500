import TestSupport
import Testing

@testable import ProgressStore

@Suite struct SchemaNameTests {
    @Test(arguments: [
        "reprocess", "r", "_ledger", "MixedCase", "select", "user", "a1", "ledger_2024",
        "x23456789012345678901234567890123456789012345678901234567890123",
    ])
    func `A plain name holds a ledger`(name: String) async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)), options: LedgerOptions(schema: name, worker: "w"))
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        #expect(
            try await cluster.execute("SELECT status FROM \"\(name)\".partition_progress", database: database)
                == [["COMPLETE"]])
        let other = try await cluster.execute(
            "SELECT attempt FROM \"\(name)\".claim_partition('daily', '2024-01-01', table_identity => 'lake/orders')",
            database: database)
        #expect(other == [["1"]])
        await ledger.close()
    }

    @Test(arguments: [
        "", " ", "1ledger", "a-b", "a b", "a.b", "a;DROP SCHEMA public", "a\"b", "a'b", "\"a\"", "pg_ledger",
        "information_schema", "schöma", "a\0b", "a\nb", "$1", "a/*", "--a", "rep\u{202E}rocess",
        "x234567890123456789012345678901234567890123456789012345678901234",
    ])
    func `Any other name is refused before a connection is made`(name: String) {
        let error = #expect(throws: LedgerError.self) { try SchemaName(name) }
        #expect(error?.code == .refused)
    }

    @Test func `The schema's name takes the place of its word alone`() throws {
        let source = Array("GRANT reprocess_dashboard ON reprocess.run, my_reprocess, reprocess".utf8)
        #expect(
            SQLText.rendered(source, schema: try SchemaName("Other"))
                == "GRANT reprocess_dashboard ON \"Other\".run, my_reprocess, \"Other\"")
    }
}

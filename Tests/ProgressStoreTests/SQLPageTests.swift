import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What docs/sql.md tells its readers to type, and what it shows them.
@Suite(.timeLimit(.minutes(2))) struct SQLPageTests {
    @Test func `Every statement of the page does what the page says`() async throws {
        let cluster = try await TestCluster.shared()
        let conninfo = cluster.conninfo(database: try await cluster.freshDatabase())
        // The ledger of the page: `orders` has run, with a day done and a day held, and a worker is at another.
        let ledger = try await Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(worker: "etl-2:411:c2f1"))
        #expect(try await ledger.openRun(runRequest(days(2), table: "hive:/lake/orders")) == 1)
        let ran = try await ledger.claim(request(days(2), table: "hive:/lake/orders"))
        #expect(ran.count == 2)
        let judgement = JudgementRecord(replacedVersion: "g0", replacedRows: 590)
        _ = try await ledger.complete(job: "orders", [judged(ran[0], judgement)])
        _ = try await ledger.hold(job: "orders", ran[1].token, holdFacts())
        let sixth = try await ledger.claim(request([try day("2024-01-06")], table: "hive:/lake/orders"))
        #expect(sixth.count == 1)

        let page = try String(contentsOfFile: SharedData.packageDirectory + "/docs/sql.md", encoding: .utf8)
        let folder = try TemporaryDirectory()
        let script = folder.appending("script.sql")
        try blocks("sql", of: page).joined(separator: "\n").write(toFile: script, atomically: true, encoding: .utf8)
        let psql = try RunningProcess(
            PostgresPrograms.locate().path("psql"),
            ["--no-psqlrc", "--set=ON_ERROR_STOP=on", "--dbname=\(conninfo)", "--file=\(script)"])
        #expect(try await psql.wait() == .exited(0), "\(psql.errorOutput)")
        let printed = Set(psql.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        for line in blocks("text output", of: page) {
            #expect(printed.contains(line.trimmingCharacters(in: .whitespaces)), "\(line)\n\(psql.output)")
        }
        #expect(psql.errorOutput.contains("Write nothing more"))
        await ledger.close()
    }

    /// The lines of a page that are in blocks of one kind.
    private func blocks(_ kind: String, of page: String) -> [String] {
        var isInside = false
        return page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).filter { line in
            guard line.hasPrefix("```") else { return isInside }
            isInside = !isInside && line == "```" + kind
            return false
        }
    }
}

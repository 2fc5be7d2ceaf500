import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(3))) struct LedgerOnEmbeddedServerTests {
    @Test func `A ledger on the embedded server goes on when that was killed`() async throws {
        let project = try TemporaryDirectory()
        let ledger = try await Ledger.open(
            .embedded(projectDirectory: project.path), options: LedgerOptions(worker: "host:1:a"))
        let claim = try await ledger.claim(request(days(1))).only()

        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        let file = try await TestCluster.execute("SELECT pg_read_file('postmaster.pid')", at: cluster.conninfo)
        let postmaster = try #require(file.first?[0]?.split(separator: "\n").first.flatMap { pid_t($0) })
        #expect(kill(postmaster, SIGKILL) == 0)

        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [], lease: .seconds(90)).control == .run)
        await ledger.close()
        await cluster.leave()
    }
}

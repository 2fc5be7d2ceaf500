import Foundation
import Partitions
import ProtocolModel
import TestSupport
import Testing

@testable import ProgressStore

/// The model of the ledger against the real one: the same statements get the same answers and leave the same rows.
@Suite(.timeLimit(.minutes(5))) struct LedgerConformanceTests {
    @Test(arguments: 0..<4)
    func `The ledger and its model answer alike`(part: Int) async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "host:1:a"))
        for seed in (part * 8)..<(part * 8 + 8) {
            var twins = LedgerTwins(seed: UInt64(seed), ledger: ledger, cluster: cluster, schema: schema)
            try await twins.run(operations: 40)
            #expect(twins.differences.isEmpty, "seed \(seed)\n\(twins.story.joined(separator: "\n"))")
        }
        await ledger.close()
    }

    @Test(arguments: [
        Guards.runningInMarks, .planFence, .newFenceOnTakeover, .leaseInClaim, .oneClaimPerTablePartition,
    ])
    func `The comparison notices a model without a guard`(missing: Guards) async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "host:1:a"))
        var differences: [String] = []
        for seed in UInt64(0)..<32 where differences.isEmpty {
            var twins = LedgerTwins(
                seed: seed, guards: .all.subtracting(missing), ledger: ledger, cluster: cluster, schema: schema)
            try await twins.run(operations: 40)
            differences = twins.differences
        }
        #expect(!differences.isEmpty)
        await ledger.close()
    }
}

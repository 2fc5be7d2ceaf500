import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What others wrote into the partition meanwhile, where a job says that it is to be replaced as well.
@Suite struct DeltaSupersedeTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test(arguments: ["append", "overwrite", "delete", "rows"])
    func `Rows that others wrote to or removed from the partition are replaced`(action: String) async throws {
        try await sample.other("create-plain")
        let table = try sample.table(DeltaOptions(supersedes: true))
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        try await sample.other(action, "2024-01-01")
        #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(1))
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01") == ["0", "1", "2"])
        #expect(read.values("v", where: "order_date", is: "2024-01-02") == ["100", "101", "102"])
        #expect(read.duckdb == read.deltalake)
    }

    @Test func `What comes after the entry was written is replaced, too`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        let table = try sample.table(DeltaOptions(supersedes: true)) { [sample] reached in
            guard reached == .aboutToCommit, sample.versions == [0] else { return }
            try log.write([log.add("order_date=2024-01-01/other.parquet", "2024-01-01")], version: 1)
        }
        try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        let removed = try sample.actions(of: 2).compactMap { ($0["remove"] as? [String: Any])?["path"] as? String }
        #expect(removed == ["order_date=2024-01-01/other.parquet"])
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(1))
    }

    @Test func `A higher fence is not replaced`() throws {
        try sample.publish(1)
        let table = try sample.table(DeltaOptions(supersedes: true))
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        try sample.publish(3, of: table)
        #expect(try table.publish(staging, rows: 3) == .fenced(by: 3))
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(3))
    }

    @Test func `A fence that only the log knows is not replaced`() throws {
        // As where two mounts of one file system give two sibling folders.
        let log = SampleLog(sample.root)
        try log.create()
        let table = try sample.table(DeltaOptions(supersedes: true)) { [sample] reached in
            guard reached == .aboutToCommit, sample.versions == [0] else { return }
            let name = "reprocess/11111111-1111-4111-8111-111111111111/2024-01-01"
            try log.write(
                [log.transaction(name, 9), log.add("order_date=2024-01-01/other.parquet", "2024-01-01")], version: 1)
        }
        let outcome = try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        #expect(outcome == .fenced(by: 9))
        #expect(sample.versions == [0, 1])
    }
}

import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What is on the disk before something else may happen: the order of syncs and renames.
@Suite struct DeltaDurabilityTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `Files and entry are on the disk before the commit, and the commit before publish returns`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let calls = try trace { _ = try table.publish(staging, rows: 3) }
        #expect(
            calls == [
                "fsync staging/2/part", "move orders/order_date=2024-01-01/part",
                "fsync orders/order_date=2024-01-01", "fsync staging/2.commit", "move orders/_delta_log/1",
                "fsync orders/_delta_log",
            ])
    }

    @Test func `The folders of a new table are synced into their parents`() throws {
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let calls = try trace { _ = try table.publish(staging, rows: 3) }
        let commit = try #require(calls.firstIndex(of: "move orders/_delta_log/0"))
        let before = calls[..<commit]
        for folder in ["", "orders", "orders/order_date=2024-01-01"] {
            #expect(before.contains("fsync " + folder), "\(calls)")
        }
        #expect(calls.last == "fsync orders/_delta_log")
    }

    @Test func `The entries of other programs are synced before ours, once`() async throws {
        try await sample.other("create-plain")
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let calls = try trace { _ = try table.publish(staging, rows: 3) }
        let commit = try #require(calls.firstIndex(of: "move orders/_delta_log/3"))
        for version in 0..<3 { #expect(calls[..<commit].contains("fsync orders/_delta_log/\(version)")) }
        try await sample.other("append", "2024-01-03")
        let next = try table.begin(DeltaSample.key, writer: .attempt(4))
        try DeltaSample.stage(next)
        let again = try trace { _ = try table.publish(next, rows: 3) }
        #expect(again.filter { $0.hasPrefix("fsync orders/_delta_log/") } == ["fsync orders/_delta_log/4"])
    }

    @Test func `A successor syncs the commit of a dead predecessor before anybody can adopt it`() throws {
        let dying = try sample.table { if $0 == .committed { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try sample.publish(2, of: dying) }
        let calls = try trace { _ = try sample.table().begin(DeltaSample.key, writer: .attempt(3)) }
        #expect(calls.contains("fsync orders/_delta_log"))
    }

    @Test func `What is held is on the disk before it is set aside, and its new name before hold returns`() throws {
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let calls = try trace { _ = try table.hold(staging) }
        let held = "orders.reprocess/held"
        #expect(
            calls == [
                "fsync staging/2/part", "fsync staging/2", "fsync orders.reprocess", "fsync orders.reprocess",
                "fsync \(held)", "fsync \(held)", "move \(held)/2024-01-01/2", "fsync \(held)/2024-01-01",
                "fsync staging",
            ])
    }

    /// The syncs and the moves of a call, with short paths.
    private func trace(_ body: () throws -> Void) throws -> [String] {
        try SystemCalls.of(body).compactMap { call in
            let fields = call.split(separator: " ", maxSplits: 1).map(String.init)
            let isMove = fields[0] == "renameat2(RENAME_NOREPLACE)"
            guard fields[0] == "fsync" || isMove, fields.count == 2 else { return nil }
            var path = fields[1].replacing(sample.folder.path, with: "").replacing(Writer.attempt(2).text, with: "2")
            path = path.replacing("orders.reprocess/staging/2024-01-01", with: "staging")
            if path.hasPrefix("/") { path.removeFirst() }
            if path.hasSuffix(".parquet") { path = Path.parent(of: path) + "/part" }
            if path.hasSuffix(".json") {
                path = Path.parent(of: path) + "/\(Int(Path.name(of: path).dropLast(5)) ?? -1)"
            }
            // Within the staging, only the syncs matter.
            if isMove, path.hasPrefix("staging") { return nil }
            return (isMove ? "move " : "fsync ") + path
        }
    }
}

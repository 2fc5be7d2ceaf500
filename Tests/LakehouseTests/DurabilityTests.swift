import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// What is on the disk before something else may happen: the order of syncs and renames.
@Suite struct DurabilityTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test func `Files are on the disk before the exchange, and the exchange before publish returns`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        let calls = try trace { _ = try table.publish(staging, rows: 3) }
        #expect(
            calls == [
                "fsync staging/2024-01-01/2/part", "fsync staging/2024-01-01/2",
                "exchange orders/order_date=2024-01-01",
                "fsync orders", "fsync staging/2024-01-01",
            ])
    }

    @Test func `A new partition is synced in the same order`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        let calls = try trace { _ = try table.publish(staging, rows: 3) }
        #expect(
            calls == [
                "fsync staging/2024-01-01/2/part", "fsync staging/2024-01-01/2", "create orders/order_date=2024-01-01",
                "fsync orders", "fsync staging/2024-01-01",
            ])
    }

    @Test func `The folders of a new table are synced into their parents, once`() throws {
        let table = try sample.table()
        let calls = try trace { _ = try table.begin(Sample.key, writer: .attempt(2)) }
        #expect(Set(calls) == ["fsync ", "fsync orders.reprocess", "fsync staging"])
        let again = try trace { _ = try table.begin(Sample.key, writer: .attempt(3)) }
        #expect(again == ["create staging/2024-01-01/2.revoked"])
    }

    @Test func `What is held is on the disk before it is set aside, and its new name before hold returns`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        let calls = try trace { _ = try table.hold(staging) }
        #expect(
            calls == [
                "fsync staging/2024-01-01/2/part", "fsync staging/2024-01-01/2", "fsync orders.reprocess",
                "fsync orders.reprocess", "fsync held", "fsync held",
                "create held/2024-01-01/2", "fsync held/2024-01-01", "fsync staging/2024-01-01",
            ])
    }

    @Test func `A successor syncs the exchange of a dead predecessor before anybody can adopt it`() throws {
        let dying = try sample.table { if $0 == .exchanged { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try sample.publish(2, of: dying) }
        let table = try sample.table()
        let calls = try trace { _ = try table.begin(Sample.key, writer: .attempt(3)) }
        #expect(calls.suffix(2) == ["fsync orders", "fsync staging/2024-01-01"])
    }

    @Test func `After a failed sync the attempt never publishes`() throws {
        let syncs = FailedSyncs()
        let lost = SystemCallError(call: "fsync", path: "/disk/file", number: EIO)
        #expect(throws: SystemCallError.self) { try syncs.remembering(.attempt(2)) { throw lost } }
        let error = #expect(throws: TableError.self) { try syncs.check(.attempt(2)) }
        #expect(error?.code == .io)
        try syncs.check(.attempt(3))
    }

    /// The syncs and the exchanges of a call, with short paths.
    private func trace(_ body: () throws -> Void) throws -> [String] {
        let calls = Mutex<[String]>([])
        let (folder, attempt) = (sample.folder.path, Writer.attempt(2).text)
        try SystemCallTrace.$observer.withValue({ call, path in
            guard call == "fsync" || call.hasPrefix("renameat2") else { return }
            if path.contains("/previous/") || path.hasSuffix(".parquet") && call != "fsync" { return }
            let verb =
                switch call {
                case "renameat2(RENAME_EXCHANGE)": "exchange"
                case "renameat2(RENAME_NOREPLACE)": "create"
                default: call
                }
            var short = path.replacingOccurrences(of: folder, with: "").replacingOccurrences(of: attempt, with: "2")
            if short.hasPrefix("/") { short.removeFirst() }
            for name in ["staging", "held"] {
                short = short.replacingOccurrences(of: "orders.reprocess/" + name, with: name)
            }
            if short.hasSuffix(".parquet") { short = Path.parent(of: short) + "/part" }
            calls.withLock { $0.append(verb + " " + short) }
        }) { try body() }
        return calls.withLock { $0 }
    }
}

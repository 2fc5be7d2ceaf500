import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What may be removed beside a Delta table and in it, and what never.
@Suite struct DeltaCleaningTests {
    private static let key = DeltaSample.key
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    /// The table as it is some days from now.
    private func table(days: Int64 = 0, of sample: DeltaSample? = nil) throws -> DeltaTable {
        try DeltaTable(
            path: (sample ?? self.sample).root, column: "order_date", every: .day, faults: .none,
            clock: { Int64(Date().timeIntervalSince1970 * 1000) + days * 86_400_000 })
    }

    @Test(arguments: FaultPoint.delta.filter { $0 != .stagingRevoked && $0 != .attemptEnded }, [true, false])
    func `What a dead attempt left goes, or is brought to its end`(point: FaultPoint, replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        let dying = try sample.table { if $0 == point { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try sample.publish(3, of: dying) }
        let isCommitted = [.committed, .commitSynced].contains(point)
        // A begin that fails takes its own name away again, as no dead one does.
        guard ![.fenceInstalled, .floorSeen].contains(point) else { return }
        let table = try table()
        let before = try table.current(Self.key)
        #expect(try table.partitionsWithLeftovers(.day) == [Self.key])
        let items = try table.leftovers(of: Self.key).items.filter { $0.kind != .record }
        #expect(items.map(\.kind) == [isCommitted ? .unfinishedPublish : .staging])
        #expect(items.map(\.writer) == [.attempt(3)])
        if point == .filesMoved { #expect(items[0].files == 1 && items[0].bytes > 0) }
        for item in items { #expect(try table.remove(item, of: Self.key)) }
        #expect(try table.leftovers(of: Self.key).items.filter { $0.kind != .record }.isEmpty)
        for item in items { #expect(try !table.remove(item, of: Self.key)) }
        // Readers see what they saw, no file of the dead one is left, and its fence still stands.
        #expect(try table.current(Self.key) == before)
        #expect(before?.writer == (isCommitted ? .attempt(3) : replaces ? .attempt(1) : nil))
        #expect(sample.dataFiles.count == (replaces ? 1 : 0) + (isCommitted ? 1 : 0))
        #expect(throws: TableError.self) { try table.begin(Self.key, writer: .attempt(2)) }
        #expect(throws: TableError.self) { try table.begin(Self.key, writer: .attempt(3)) }
        #expect(try sample.publish(4, of: table).generation?.writer == .attempt(4))
    }

    @Test func `An attempt that is taken for dead and lives cannot commit any more`() throws {
        try sample.publish(1)
        let sample = sample
        let living = try sample.table { reached in
            guard reached == .aboutToCommit else { return }
            let cleaning = try sample.table()
            // Its own publish has the lock of its folder, so it is left alone.
            for item in try cleaning.leftovers(of: Self.key).items where item.kind == .staging {
                #expect(try !cleaning.remove(item, of: Self.key))
            }
        }
        #expect(try sample.publish(3, of: living).generation?.writer == .attempt(3))
        let staging = try sample.table().begin(Self.key, writer: .attempt(5))
        try DeltaSample.stage(staging)
        let table = try table()
        for item in try table.leftovers(of: Self.key).items where item.kind == .staging {
            #expect(try table.remove(item, of: Self.key))
        }
        #expect(throws: TableError.self) { try sample.table().publish(staging, rows: 3) }
        #expect(try table.current(Self.key)?.writer == .attempt(3))
    }

    @Test func `The name of the highest attempt stays, and lower ones may go`() throws {
        try sample.publish(1)
        #expect(try table().leftovers(of: Self.key).items.isEmpty)
        // Another process left a name of a lower fence after it was cleared.
        let lower = sample.attempts + "/\(Writer.attempt(0).text).ended"
        #expect(FileManager.default.createFile(atPath: lower, contents: nil))
        let items = try table().leftovers(of: Self.key).items
        #expect(items.map(\.kind) == [.record] && items.map(\.writer) == [.attempt(0)])
        #expect(try table().remove(items[0], of: Self.key))
        #expect(DeltaSample.names(in: sample.attempts) == ["\(Writer.attempt(1).text).ended"])
        let highest = Leftover(kind: .record, writer: .attempt(1), path: sample.attempts)
        #expect(try !table().remove(highest, of: Self.key))
        #expect(DeltaSample.names(in: sample.attempts) == ["\(Writer.attempt(1).text).ended"])
    }

    @Test func `A replaced file goes when the table does not keep it any longer`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        try sample.publish(3, Self.key.next)
        #expect(try table(days: 6).leftovers(of: Self.key).items.isEmpty)
        let later = try table(days: 8)
        #expect(try later.partitionsWithLeftovers(.day) == [Self.key, Self.key.next])
        #expect(try later.leftovers(of: Self.key.next).items.isEmpty)
        let items = try later.leftovers(of: Self.key).items
        #expect(items.map(\.kind) == [.replaced] && items.map(\.writer) == [.attempt(1)])
        let before = try await ReadTable.read(sample)
        // Whoever asks for it, a table that still keeps the file does not let it go.
        #expect(try !table(days: 6).remove(items[0], of: Self.key))
        #expect(try later.remove(items[0], of: Self.key))
        #expect(try !later.remove(items[0], of: Self.key))
        #expect(sample.dataFiles.count == 2)
        #expect(try await ReadTable.read(sample).deltalake == before.deltalake)
    }

    @Test func `What counts is when a file was replaced, and not how old it is`() throws {
        let first = try #require(try sample.publish(1).generation)
        try sample.publish(2)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -60 * 86_400)], ofItemAtPath: first.files[0])
        #expect(try table().leftovers(of: Self.key).items.isEmpty)
        #expect(try table(days: 6).leftovers(of: Self.key).items.isEmpty)
        #expect(try table(days: 8).leftovers(of: Self.key).items.map(\.kind) == [.replaced])
    }

    @Test(arguments: ["interval 30 days", "interval 1 month"])
    func `The table says how long`(retention: String) throws {
        let properties = #"{"delta.deletedFileRetentionDuration":"\#(retention)"}"#
        try SampleLog(sample.root).write(
            [SampleLog.protocolLine, SampleLog.metadata(properties: properties)], version: 0)
        for fence in 1...2 { try sample.publish(Int64(fence), rows: 1, query: "SELECT 1::BIGINT AS v") }
        #expect(try table(days: 29).leftovers(of: Self.key).items.isEmpty)
        // How long a month is, nobody can say.
        let count = try table(days: 40).leftovers(of: Self.key).items.count
        #expect(count == (retention.contains("month") ? 0 : 1))
    }

    @Test func `A file that was restored stays, also where only a checkpoint tells of it`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        try await sample.other("restore", "0")
        try await sample.other("checkpoint")
        for version in Int64(0)..<2 { try FileManager.default.removeItem(atPath: SampleLog(sample.root).path(version)) }
        let later = try table(days: 8)
        let items = try later.leftovers(of: Self.key).items
        #expect(items.map(\.writer) == [.attempt(2)])
        for item in items { #expect(try later.remove(item, of: Self.key)) }
        #expect(try sample.table().inspect(Self.key)?.problems.isEmpty == true)
        #expect(try await ReadTable.read(sample).deltalake.count == 3)
        #expect(try table(days: 6).leftovers(of: Self.key).items.isEmpty)
    }

    @Test func `A file that is restored while it is about to go stays`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        let later = try table(days: 8)
        let items = try later.leftovers(of: Self.key).items
        #expect(items.map(\.writer) == [.attempt(1)])
        try await sample.other("restore", "0")
        #expect(try !later.remove(items[0], of: Self.key))
        #expect(try await ReadTable.read(sample).deltalake.count == 3)
    }

    @Test func `A file that no entry names goes when it is old, and what is not ours never`() async throws {
        try await sample.other("create-plain")
        try await sample.other("overwrite", "2024-01-01")
        let folder = sample.root + "/order_date=2024-01-01/"
        try sample.publish(5)
        try DeltaSample.write(DeltaSample.query, to: folder + "part-\(Writer.attempt(2).text)-00000.parquet")
        try DeltaSample.write(DeltaSample.query, to: folder + "part-00000-\(UUID()).parquet")
        #expect(try table(days: 6).leftovers(of: Self.key).items.isEmpty)
        let later = try table(days: 8)
        let items = try later.leftovers(of: Self.key).items
        #expect(items.map(\.writer) == [.attempt(2)])
        let before = sample.dataFiles.count
        for item in items { #expect(try later.remove(item, of: Self.key)) }
        #expect(sample.dataFiles.count == before - 1)
    }

    @Test func `The files of an attempt that may still commit are never garbage`() throws {
        let sample = sample
        try sample.publish(1)
        let living = try sample.table { reached in
            guard reached == .aboutToCommit else { return }
            let items = try table(days: 400, of: sample).leftovers(of: Self.key).items
            // What the ledger says of a staging decides, and a live attempt has a live claim.
            #expect(items.map(\.kind) == [.staging])
            let rule = CleaningRule(keep: .zero)
            let leftovers = PartitionLeftovers(key: Self.key, items: items)
            #expect(rule.decide(leftovers, standings: [.attempt(2): .live]).removable.isEmpty)
            let direct = Leftover(kind: .replaced, writer: .attempt(2), path: "")
            #expect(try !table(days: 400, of: sample).remove(direct, of: Self.key))
        }
        #expect(try sample.publish(2, of: living).generation?.files.count == 1)
        #expect(try sample.table().inspect(Self.key)?.problems.isEmpty == true)
    }
}

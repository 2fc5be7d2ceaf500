import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Cleaning a real table, with the ledger's answers given.
@Suite struct CleanTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    private func dieAt(_ point: FaultPoint, fence: Int64) throws {
        let table = try sample.table { if $0 == point { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try sample.publish(fence, of: table) }
    }

    @Test func `A table that is in order has nothing to clean`() throws {
        #expect(try sample.clean().isEmpty)
        try sample.publish(1)
        let before = Sample.paths(below: sample.folder.path)
        #expect(try sample.clean(keep: .zero).isEmpty)
        #expect(Sample.paths(below: sample.folder.path) == before)
    }

    @Test func `What a dead attempt staged goes, and its fence stays`() throws {
        try sample.publish(1)
        let staging = try sample.table().begin(Sample.key, writer: .attempt(5))
        try Sample.stage(staging)
        #expect(try sample.clean(everyAttempt: .lapsed).map(\.kind) == [.staging])
        #expect(sample.stagingNames == ["1.published-3-1-\(try #require(Sample.parquet).count)", "5.floor"])
        #expect(try sample.canBegin(4) == false)
        // It lives after all: it is told that its staging has gone, and the partition keeps what it had.
        let error = #expect(throws: TableError.self) { try sample.table().publish(staging, rows: 3) }
        #expect(error?.code == .damaged)
        #expect(try sample.table().current(Sample.key)?.writer == .attempt(1))
    }

    @Test func `The staging of a live attempt stays, and is published`() throws {
        try sample.publish(1)
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(5))
        try Sample.stage(staging)
        #expect(try sample.clean(everyAttempt: .ended(ago: .seconds(1)), but: [5: .live], keep: .zero).isEmpty)
        #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(5))
    }

    @Test(arguments: [true, false])
    func `A publish of a dead attempt is finished and never thrown away`(replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        try dieAt(.exchanged, fence: 2)
        #expect(try sample.clean(everyAttempt: .lapsed).map(\.kind) == [.unfinishedPublish])
        #expect(try sample.table().current(Sample.key)?.writer == .attempt(2))
        #expect(try sample.table().current(Sample.key)?.rows == 3)
        #expect(sample.stagingNames.filter { $0.hasPrefix("2") }.allSatisfy { $0.contains(".published-") })
        #expect(Sample.names(in: sample.previous).count == (replaces ? 1 : 0))
        #expect(try sample.clean(everyAttempt: .lapsed).isEmpty)
    }

    @Test func `A replaced generation goes after its grace, and takes its record along`() throws {
        try sample.publish(1)
        try sample.publish(2)
        try sample.publish(3)
        let grace = Duration.seconds(100)
        let standings: [Int64: AttemptStanding] = [2: .ended(ago: grace), 3: .ended(ago: .seconds(99))]
        let removed = try sample.clean(but: standings, keep: grace)
        #expect(removed.map(\.kind) == [.replaced, .record])
        #expect(removed.first?.bytes == Int64(try #require(Sample.parquet).count))
        #expect(Sample.names(in: sample.previous) == [Writer.attempt(3).text])
        // What the third replaced is the second one's, whose record is what tells that it is whole.
        #expect(sample.stagingNames.map { $0.prefix(2) } == ["2.", "3."])
        #expect(try sample.table().current(Sample.key)?.rows == 3)
        #expect(try sample.clean(but: [:], keep: grace).map(\.kind) == [.replaced, .record])
        #expect(sample.stagingNames.map { $0.prefix(2) } == ["3."])
    }

    @Test func `The record of what readers see stays, also below the floor`() throws {
        try sample.publish(1)
        let table = try sample.table()
        try table.discard(try table.begin(Sample.key, writer: .attempt(7)))
        #expect(try sample.clean(keep: .zero).isEmpty)
        #expect(sample.stagingNames.map { $0.prefix(2) } == ["1.", "7"])
        #expect(try table.current(Sample.key)?.rows == 3)
    }

    @Test func `A fence that another one has overtaken goes`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(5))
        try Sample.stage(staging)
        try sample.clean(everyAttempt: .lapsed)
        #expect(sample.stagingNames == ["5.floor"])
        try sample.publish(6, of: table)
        #expect(try sample.clean().map(\.kind) == [.record])
        #expect(sample.stagingNames.map { $0.prefix(2) } == ["6."])
    }

    @Test func `A removal that was interrupted is finished`() throws {
        try sample.publish(1)
        try sample.publish(2)
        let kept = sample.previous + "/" + Writer.attempt(2).text
        try FileManager.default.moveItem(atPath: kept, toPath: kept + ".removing")
        #expect(try sample.clean(everyAttempt: .live).map(\.kind) == [.remains])
        #expect(Sample.names(in: sample.previous).isEmpty)
    }

    @Test func `Names that are not ours are left alone`() throws {
        try sample.publish(1)
        for name in ["staging/2024-01-01/notes.txt", "previous/elsewhere/x", "previous/2024-01-01/mine/x"] {
            let path = sample.sibling + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(filePath: path))
        }
        let before = Sample.paths(below: sample.sibling)
        #expect(try sample.clean(keep: .zero, removesUnknown: true).isEmpty)
        #expect(Sample.paths(below: sample.sibling) == before)
    }

    @Test func `What two see, one removes`() throws {
        try sample.publish(1)
        try sample.publish(2)
        let table = try sample.table()
        let item = try #require(try table.leftovers(of: Sample.key).items.first { $0.kind == .replaced })
        #expect(try table.remove(item, of: Sample.key))
        #expect(try table.remove(item, of: Sample.key) == false)
    }
}

import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// What is staged and waits for somebody's decision.
@Suite struct HoldTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    /// Begins, stages two files and sets them aside.
    @discardableResult
    private func hold(_ fence: Int64) throws -> (staging: Staging, held: HeldGeneration) {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.write("one of \(fence)", to: staging.directory + "/b.parquet")
        try Sample.write("other of \(fence)", to: staging.directory + "/a.parquet")
        return (staging, try table.hold(staging))
    }

    @Test func `What is held is whole, no reader sees it, and no later attempt touches it`() throws {
        try sample.publish(1)
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.write("data", to: staging.directory + "/a.parquet")
        try Data().write(to: URL(filePath: staging.directory + "/_SUCCESS"))
        let held = try table.hold(staging)

        #expect(held.writer == .attempt(2))
        #expect(held.files == [sample.held + "/\(Writer.attempt(2).text)/a.parquet"])
        #expect(held.bytes == 12)
        #expect(Sample.names(in: sample.held + "/\(Writer.attempt(2).text)") == ["a.parquet"])
        #expect(!FileManager.default.fileExists(atPath: staging.directory))
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
        for fence in Int64(3)...4 { try sample.publish(fence) }
        #expect(try table.held(Sample.key, by: .attempt(2)) == held)
        #expect(try Sample.text(held.files[0]) == "PAR1dataPAR1")
        #expect(try table.held(Sample.key, by: .attempt(3)) == nil)
        #expect(try table.held(Sample.key.next, by: .attempt(2)) == nil)
    }

    @Test func `The fence of a held attempt stays, and it cannot publish any more`() throws {
        let (staging, _) = try hold(5)
        #expect(try !sample.canBegin(4) && !sample.canBegin(5))
        #expect(throws: TableError.self) { try sample.table().publish(staging, rows: 2) }
        #expect(try sample.table().current(Sample.key) == nil)
        try sample.table().discard(staging)
        #expect(try sample.table().held(Sample.key, by: .attempt(5))?.files.count == 2)
        #expect(try sample.publish(6).generation?.writer == .attempt(6))
    }

    @Test func `Holding may be asked for again`() throws {
        let (staging, held) = try hold(2)
        #expect(try sample.table().hold(staging) == held)
        let dying = try sample.table { if $0 == .setAside { throw CancellationError() } }
        let other = try dying.begin(Sample.key, writer: .attempt(3))
        try Sample.stage(other)
        #expect(throws: CancellationError.self) { try dying.hold(other) }
        #expect(try sample.table().hold(other).files.count == 1)
    }

    @Test func `Nothing, half a file and a publish that has begun are not held`() throws {
        let table = try sample.table { if $0 == .recordWritten { throw CancellationError() } }
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        #expect(throws: TableError.self) { try table.hold(staging) }
        try Data("PAR1 torn".utf8).write(to: URL(filePath: staging.directory + "/a.parquet"))
        #expect(throws: TableError.self) { try table.hold(staging) }
        try Sample.write("whole", to: staging.directory + "/a.parquet")
        #expect(throws: CancellationError.self) { try table.publish(staging, rows: 1) }
        let error = #expect(throws: TableError.self) { try table.hold(staging) }
        #expect(error?.message.contains("has begun to publish") == true)
        #expect(try table.held(Sample.key, by: .attempt(2)) == nil)
        #expect(try sample.table().publish(staging, rows: 1).generation?.writer == .attempt(2))
    }

    @Test func `A higher fence has taken the staging away`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        try sample.publish(3)
        let error = #expect(throws: TableError.self) { try table.hold(staging) }
        #expect(error?.code == .fenced && error?.fence == 3)
        #expect(try table.held(Sample.key, by: .attempt(2)) == nil)
        let staged = #expect(throws: TableError.self) { try table.stageReplaced(by: .attempt(3), into: staging) }
        #expect(staged?.code == .missing)
        try sample.publish(4)
        let late = #expect(throws: TableError.self) { try table.stageReplaced(by: .attempt(4), into: staging) }
        #expect(late?.code == .fenced && late?.fence == 4)
    }

    @Test func `What is published is what was held: the same files under new names`() throws {
        try sample.publish(1)
        let (_, held) = try hold(2)
        let nodes = try held.files.map(Sample.node)
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(3))
        // What an earlier call, or anybody, has left there is no part of it.
        try Sample.write("stale", to: staging.directory + "/data-00000.parquet")
        try Sample.write("stale", to: staging.directory + "/left.parquet")
        for _ in 0..<2 { try table.stageHeld(by: .attempt(2), into: staging) }
        let published = try #require(try table.publish(staging, rows: 2).generation)
        #expect(
            published.files
                == (0...1).map { sample.partition + "/part-\(Writer.attempt(3).text)-0000\($0).parquet" })
        #expect(try published.files.map(Sample.node) == nodes)
        #expect(try published.files.map(Sample.text) == ["PAR1other of 2PAR1", "PAR1one of 2PAR1"])
        #expect(published.bytes == held.bytes)
        #expect(try table.current(Sample.key) == published)
        #expect(try table.inspect(Sample.key)?.problems == [])

        #expect(try table.held(Sample.key, by: .attempt(2)) == held)
        for _ in 0..<2 { try table.dropHeld(Sample.key, by: .attempt(2)) }
        #expect(try table.held(Sample.key, by: .attempt(2)) == nil)
        #expect(Sample.names(in: sample.held).isEmpty)
        #expect(try table.current(Sample.key) == published)
        let next = try table.begin(Sample.key, writer: .attempt(4))
        let error = #expect(throws: TableError.self) { try table.stageHeld(by: .attempt(2), into: next) }
        #expect(error?.code == .missing)
    }

    @Test func `Where files cannot be linked they are copied`() throws {
        let other = try TemporaryDirectory(in: "/dev/shm")
        let (_, held) = try hold(2)
        // Somebody has moved it to another disk.
        let folder = sample.held + "/\(Writer.attempt(2).text)"
        for name in ["a.parquet", "b.parquet"] {
            try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: other.appending(name))
        }
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: other.path)
        try #require(try Sample.device(held.files[0]) != Sample.device(sample.root), "both are on one file system")

        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(3))
        for _ in 0..<2 { try table.stageHeld(by: .attempt(2), into: staging) }
        let published = try #require(try table.publish(staging, rows: 2).generation)
        #expect(try published.files.map(Sample.text) == ["PAR1other of 2PAR1", "PAR1one of 2PAR1"])
        #expect(Sample.names(in: sample.partition).count == 2)
    }

    @Test(arguments: [
        (AttemptStanding.held, false), (.live, false), (.lapsed, false), (.unknown, false), (.ended(ago: .zero), true),
    ])
    func `Cleaning removes what is held only when it is decided on`(standing: AttemptStanding, goes: Bool) throws {
        try sample.publish(1)
        let (_, held) = try hold(2)
        try sample.publish(3)
        #expect(try sample.table().partitionsWithLeftovers(.day) == [Sample.key])
        let items = try sample.table().leftovers(of: Sample.key).items.filter { $0.kind == .held }
        #expect(items.map(\.writer) == [.attempt(2)])
        #expect(items.map(\.files) == [2] && items.map(\.bytes) == [held.bytes])
        // However long ago: age alone decides nothing.
        let removed = try sample.clean(everyAttempt: .ended(ago: .zero), but: [2: standing], keep: .zero)
        #expect(removed.contains { $0.kind == .held } == goes)
        #expect(try sample.table().held(Sample.key, by: .attempt(2)) == (goes ? nil : held))
        #expect(try sample.table().current(Sample.key)?.writer == .attempt(3))
        if standing == .unknown {
            #expect(try sample.clean(everyAttempt: .unknown, removesUnknown: true).contains { $0.kind == .held })
        }
    }

    @Test func `What a removal has left is never taken for whole`() throws {
        try hold(2)
        let dying = try sample.table { if $0 == .heldDoomed { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try dying.dropHeld(Sample.key, by: .attempt(2)) }
        #expect(try sample.table().held(Sample.key, by: .attempt(2)) == nil)
        let items = try sample.table().leftovers(of: Sample.key).items
        #expect(items.map(\.kind) == [.remains] && items[0].files == 2)
        #expect(try sample.clean(everyAttempt: .held).map(\.kind) == [.remains])
        #expect(Sample.names(in: sample.held).isEmpty)
    }
}

import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Putting back what an attempt replaced.
@Suite struct RestoreTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    private func publish(_ fence: Int64, _ text: String, rows: Int64, of table: HiveTable? = nil) throws -> Generation {
        let table = try table ?? sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.write(text, to: staging.directory + "/data.parquet")
        return try #require(try table.publish(staging, rows: rows).generation)
    }

    /// Puts back what an attempt replaced.
    private func undo(_ undone: Int64, by fence: Int64, rows: Int64) throws -> Generation {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try table.stageReplaced(by: .attempt(undone), into: staging)
        return try #require(try table.publish(staging, rows: rows).generation)
    }

    private func kept(_ fence: Int64) throws -> ReplacedGeneration.Kept {
        guard case .kept(let kept) = try sample.table().replaced(Sample.key, by: .attempt(fence)) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return kept
    }

    @Test func `The files come back as they were, under new names, and undoing can be undone`() throws {
        let first = try publish(1, "first", rows: 7)
        let node = try Sample.node(first.files[0])
        let second = try publish(2, "second", rows: 8)
        let kept = try kept(2)
        #expect(kept.writer == .attempt(1) && kept.version == first.version)
        #expect(kept.files.map { $0.split(separator: "/").last } == first.files.map { $0.split(separator: "/").last })
        #expect(kept.bytes == first.bytes && kept.rows == 7 && kept.expiry == .cleaning)

        let undone = try undo(2, by: 3, rows: 7)
        #expect(undone.writer == .attempt(3) && undone.rows == 7)
        #expect(try Sample.node(undone.files[0]) == node)
        #expect(try Sample.text(undone.files[0]) == "PAR1firstPAR1")
        #expect(try sample.table().current(Sample.key) == undone)
        #expect(try sample.table().inspect(Sample.key)?.problems == [])

        #expect(try self.kept(3).version == second.version)
        let again = try undo(3, by: 4, rows: 8)
        #expect(try Sample.text(again.files[0]) == "PAR1secondPAR1")
        #expect(try self.kept(4).version == undone.version)
        // Each generation that was replaced is still there.
        #expect(try self.kept(2).version == first.version)
    }

    @Test func `Files of another program come back without what readers skip`() throws {
        try sample.writeForeign("part-0.parquet")
        try Data().write(to: URL(filePath: sample.partition + "/_SUCCESS"))
        let foreign = try #require(try sample.table().current(Sample.key))
        let bytes = try Data(contentsOf: URL(filePath: foreign.files[0]))
        _ = try publish(1, "ours", rows: 1)
        let kept = try kept(1)
        #expect(kept.writer == nil && kept.rows == nil)
        #expect(kept.version == foreign.version && kept.bytes == foreign.bytes)
        let undone = try undo(1, by: 2, rows: 3)
        #expect(Sample.names(in: sample.partition) == ["part-\(Writer.attempt(2).text)-00000.parquet"])
        #expect(try Data(contentsOf: URL(filePath: undone.files[0])) == bytes)
    }

    @Test func `What cannot be put back says why`() throws {
        _ = try publish(1, "first", rows: 1)
        let table = try sample.table()
        for fence in Int64(1)...2 {
            guard case .gone(let reason) = try table.replaced(Sample.key, by: .attempt(fence)) else {
                Issue.record("kept")
                continue
            }
            #expect(reason.contains("was new then"))
        }
        _ = try publish(2, "second", rows: 1)
        try sample.clean(keep: .zero)
        let staging = try table.begin(Sample.key, writer: .attempt(3))
        let error = #expect(throws: TableError.self) { try table.stageReplaced(by: .attempt(2), into: staging) }
        #expect(error?.code == .missing && error?.message.contains("'clean' has removed") == true)
    }

    @Test func `A folder without files was nothing`() throws {
        try FileManager.default.createDirectory(atPath: sample.partition, withIntermediateDirectories: true)
        _ = try publish(1, "first", rows: 1)
        let table = try sample.table()
        #expect(try table.replaced(Sample.key, by: .attempt(1)) == .nothing)
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        let error = #expect(throws: TableError.self) { try table.stageReplaced(by: .attempt(1), into: staging) }
        #expect(error?.code == .missing)
    }

    @Test(arguments: [FaultPoint.exchanged, .exchangeSynced, .recordSettled])
    func `A publish that was not brought to its end can be undone`(point: FaultPoint) throws {
        let first = try publish(1, "first", rows: 7)
        let dying = try sample.table { if $0 == point { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try publish(2, "second", rows: 8, of: dying) }
        #expect(try kept(2).version == first.version)
        #expect(try Sample.text(undo(2, by: 3, rows: 7).files[0]) == "PAR1firstPAR1")
    }

    @Test func `What is staged and not published was replaced by nobody`() throws {
        _ = try publish(1, "first", rows: 7)
        let dying = try sample.table { if $0 == .recordWritten { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try publish(2, "second", rows: 8, of: dying) }
        #expect(throws: CocoaError.self) { try kept(2) }
    }

    /// Another name of a visible file comes or goes, and the file's change time with it.
    @Test func `A file that has several names is none that another program has changed`() throws {
        _ = try publish(1, "first", rows: 7)
        _ = try publish(2, "second", rows: 8)
        let undone = try undo(2, by: 3, rows: 7)
        let sample = sample
        let table = try sample.table { reached in
            guard reached == .aboutToExchange else { return }
            // The kept generation has the same files as the visible one.
            #expect(try sample.clean(but: [4: .live], keep: .zero).contains { $0.kind == .replaced })
            try FileManager.default.linkItem(atPath: undone.files[0], toPath: sample.folder.appending("link"))
        }
        #expect(try publish(4, "fourth", rows: 9, of: table).writer == .attempt(4))
        #expect(try kept(4).version == undone.version)
        #expect(try Sample.text(undo(4, by: 5, rows: 7).files[0]) == "PAR1firstPAR1")
    }

    @Test func `A generation that is removed while it is put back is not put back in part`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(1))
        for name in ["a", "b"] { try Sample.write("file \(name)", to: staging.directory + "/\(name).parquet") }
        _ = try table.publish(staging, rows: 2)
        let second = try publish(2, "second", rows: 8)
        let sample = sample
        let cleaned = try sample.table { if $0 == .fileLinked { try sample.clean(but: [3: .live], keep: .zero) } }
        let next = try cleaned.begin(Sample.key, writer: .attempt(3))
        let error = #expect(throws: TableError.self) { try cleaned.stageReplaced(by: .attempt(2), into: next) }
        #expect(error?.code == .missing)
        try cleaned.discard(next)
        #expect(try sample.table().current(Sample.key) == second)
    }
}

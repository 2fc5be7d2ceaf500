import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

@Suite struct FenceTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test func `A lower fence cannot begin once a higher one has`() throws {
        let table = try sample.table()
        _ = try table.begin(Sample.key, writer: .attempt(5))
        let error = #expect(throws: TableError.self) { try table.begin(Sample.key, writer: .attempt(4)) }
        #expect(error?.code == .fenced)
        #expect(Sample.names(in: sample.stagings) == [Writer.attempt(5).text])
    }

    @Test func `The floor survives a discard, a publish, and the files being replaced by others`() throws {
        let table = try sample.table()
        try table.discard(try table.begin(Sample.key, writer: .attempt(5)))
        #expect(throws: TableError.self) { try sample.publish(4, of: table) }
        try sample.publish(6, of: table)
        try FileManager.default.removeItem(atPath: sample.partition)
        try sample.writeForeign()
        #expect(throws: TableError.self) { try sample.publish(5, of: table) }
        #expect(Sample.names(in: sample.partition) == ["foreign.parquet"])
    }

    @Test func `The visible files are a floor where the sibling folder has been removed`() throws {
        let table = try sample.table()
        try sample.publish(6, of: table)
        try FileManager.default.removeItem(atPath: sample.sibling)
        let error = #expect(throws: TableError.self) { try sample.publish(5) }
        #expect(error?.code == .fenced)
        #expect(try table.current(Sample.key)?.writer == .attempt(6))
    }

    @Test func `Two claims with one fence are refused`() throws {
        let table = try sample.table()
        _ = try table.begin(Sample.key, writer: .attempt(5))
        let twin = Writer(fence: 5, claimID: UUID())
        let error = #expect(throws: TableError.self) { try table.begin(Sample.key, writer: twin) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(Writer.attempt(5).claimID.uuidString.lowercased()) == true)
    }

    @Test func `An attempt may begin twice, but not after it has published`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(5))
        #expect(try table.begin(Sample.key, writer: .attempt(5)) == staging)
        try Sample.stage(staging)
        _ = try table.publish(staging, rows: 3)
        let error = #expect(throws: TableError.self) { try table.begin(Sample.key, writer: .attempt(5)) }
        #expect(error?.code == .refused)
    }

    @Test func `A revoked attempt is told who fenced it, and its files are gone`() throws {
        let table = try sample.table()
        let stale = try table.begin(Sample.key, writer: .attempt(1))
        try Sample.stage(stale)
        _ = try table.begin(Sample.key, writer: .attempt(2))
        #expect(try table.publish(stale, rows: 3) == .fenced(by: 2))
        #expect(try table.current(Sample.key) == nil)
        #expect(Sample.names(in: sample.stagings) == [Writer.attempt(2).text])
    }

    @Test func `A fence that is installed stops a publish before its owner has revoked anything`() throws {
        let table = try sample.table()
        let stale = try table.begin(Sample.key, writer: .attempt(1))
        try Sample.stage(stale)
        let dying = try sample.table { if $0 == .fenceInstalled { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try dying.begin(Sample.key, writer: .attempt(2)) }
        #expect(try table.publish(stale, rows: 3) == .fenced(by: 2))
    }

    @Test func `Discarding after the exchange keeps what was replaced`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let failing = try sample.table { if $0 == .exchanged { throw CancellationError() } }
        let staging = try failing.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        #expect(throws: CancellationError.self) { try failing.publish(staging, rows: 3) }
        try table.discard(staging)
        #expect(try table.current(Sample.key)?.writer == .attempt(2))
        let kept = sample.sibling + "/previous/2024-01-01/" + Writer.attempt(2).text
        #expect(Sample.names(in: kept) == ["part-\(Writer.attempt(1).text)-00000.parquet"])
    }

    @Test(arguments: ["file added", "file rewritten", "folder replaced", "folder removed"])
    func `A change by another program in the moment of the exchange is undone and reported`(change: String) throws {
        try sample.publish(1)
        let partition = sample.partition
        let table = try sample.table { [sample] point in
            guard point == .aboutToExchange else { return }
            switch change {
            case "file added":
                try sample.writeForeign()
            case "file rewritten":
                let name = Sample.names(in: partition)[0]
                try Data("PAR1, but other".utf8).write(to: URL(filePath: partition + "/" + name))
            case "folder replaced":
                try FileManager.default.moveItem(atPath: partition, toPath: sample.folder.appending("aside"))
                try sample.writeForeign()
            default:
                try FileManager.default.removeItem(atPath: partition)
            }
        }
        let error = #expect(throws: TableError.self) { try sample.publish(2, of: table) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("Nothing was replaced") == true)
        #expect(!Sample.names(in: partition).contains { $0.contains(Writer.attempt(2).text) })
    }

    @Test func `A partition created by another program in the moment of the publish is not overwritten`() throws {
        let table = try sample.table { [sample] point in
            if point == .aboutToExchange { try sample.writeForeign() }
        }
        let error = #expect(throws: TableError.self) { try sample.publish(2, of: table) }
        #expect(error?.code == .damaged)
        #expect(Sample.names(in: sample.partition) == ["foreign.parquet"])
    }
}

import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// Higher fences keep lower ones from committing.
@Suite struct DeltaFenceTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `A lower fence cannot begin once a higher one has`() throws {
        _ = try sample.table().begin(DeltaSample.key, writer: .attempt(5))
        let error = #expect(throws: TableError.self) {
            try sample.table().begin(DeltaSample.key, writer: .attempt(4))
        }
        #expect(error?.code == .fenced)
        #expect(error?.message.contains("fence 5, higher than 4") == true)
        #expect(!DeltaSample.names(in: sample.attempts).contains { $0.hasPrefix(Writer.attempt(4).text) })
    }

    @Test func `The floor survives a discard and a publish`() throws {
        let table = try sample.table()
        try table.discard(try table.begin(DeltaSample.key, writer: .attempt(5)))
        #expect(throws: TableError.self) { try sample.publish(4) }
        try sample.publish(6)
        #expect(throws: TableError.self) { try sample.publish(5) }
        #expect(sample.versions == [0])
    }

    @Test func `The log is a floor where the sibling folder has been removed`() throws {
        try sample.publish(5)
        try sample.publish(6, rows: 0, query: "SELECT 1::BIGINT AS v, 'x' AS name LIMIT 0")
        try FileManager.default.removeItem(atPath: sample.sibling)
        for fence in [Int64(4), 5] {
            let error = #expect(throws: TableError.self) { try sample.publish(fence) }
            #expect(error?.code == .fenced)
        }
        let same = #expect(throws: TableError.self) { try sample.publish(6) }
        #expect(same?.code == .refused)
        #expect(try sample.publish(7).generation != nil)
    }

    @Test func `The log alone stops a lower fence at its commit`() throws {
        // As where a higher fence comes by another path to the same table, with another sibling folder.
        let elsewhere = sample.folder.appending("elsewhere")
        let table = try sample.table { [sample] reached in
            guard reached == .aboutToCommit, sample.versions == [0] else { return }
            try FileManager.default.moveItem(atPath: sample.sibling, toPath: elsewhere)
            try sample.publish(9)
            try FileManager.default.removeItem(atPath: sample.sibling)
            try FileManager.default.moveItem(atPath: elsewhere, toPath: sample.sibling)
        }
        try sample.publish(1)
        #expect(try sample.publish(5, of: table) == .fenced(by: 9))
        #expect(sample.versions == [0, 1])
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(9))
    }

    @Test func `Two claims with one fence are refused`() throws {
        _ = try sample.table().begin(DeltaSample.key, writer: .attempt(5))
        let other = Writer(fence: 5, claimID: UUID())
        let error = #expect(throws: TableError.self) { try sample.table().begin(DeltaSample.key, writer: other) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("another claim") == true)
        #expect(!DeltaSample.names(in: sample.attempts).contains { $0.hasPrefix(other.text) })
    }

    @Test func `An attempt may begin twice, but not after it has published`() throws {
        let table = try sample.table()
        let first = try table.begin(DeltaSample.key, writer: .attempt(5))
        try DeltaSample.stage(first)
        #expect(try table.begin(DeltaSample.key, writer: .attempt(5)) == first)
        #expect(try table.publish(first, rows: 3).generation != nil)
        let error = #expect(throws: TableError.self) { try table.begin(DeltaSample.key, writer: .attempt(5)) }
        #expect(error?.message.contains("has ended already") == true)
        #expect(DeltaSample.names(in: sample.attempts) == [Writer.attempt(5).text + ".ended"])
    }

    @Test func `A revoked attempt is told who fenced it, and its files are gone`() throws {
        let table = try sample.table { if $0 == .entryWritten { throw CancellationError() } }
        let lower = try table.begin(DeltaSample.key, writer: .attempt(4))
        try DeltaSample.stage(lower)
        #expect(throws: CancellationError.self) { try table.publish(lower, rows: 3) }
        #expect(sample.dataFiles.count == 1)
        _ = try sample.table().begin(DeltaSample.key, writer: .attempt(5))
        #expect(sample.dataFiles.isEmpty)
        #expect(try sample.table().publish(lower, rows: 3) == .fenced(by: 5))
        try sample.table().discard(lower)
        #expect(!DeltaSample.names(in: sample.attempts).contains { $0.hasPrefix(Writer.attempt(4).text) })
    }

    @Test func `An attempt that loses its staging while it moves its files is fenced`() throws {
        let (table, other, key) = (try sample.table(), try sample.table(), DeltaSample.key)
        let lower = try table.begin(key, writer: .attempt(4))
        try DeltaSample.stage(lower)
        let hasBegun = Mutex(false)
        let outcome = try SystemCallTrace.$observer.withValue({ call, path in
            let isFirst =
                path.contains("/.part-") && call.hasPrefix("renameat2")
                && hasBegun.withLock { begun in
                    defer { begun = true }
                    return !begun
                }
            if isFirst { #expect(throws: Never.self) { try other.begin(key, writer: .attempt(5)) } }
        }) { try table.publish(lower, rows: 3) }
        #expect(hasBegun.withLock { $0 } && outcome == .fenced(by: 5))
    }

    @Test func `A fence that is installed stops a publish before its owner has revoked anything`() throws {
        let table = try sample.table()
        let lower = try table.begin(DeltaSample.key, writer: .attempt(4))
        try DeltaSample.stage(lower)
        let stopping = try sample.table { if $0 == .fenceInstalled { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try stopping.begin(DeltaSample.key, writer: .attempt(5)) }
        #expect(try table.publish(lower, rows: 3) == .fenced(by: 5))
    }

    @Test func `What a dead attempt has committed is adopted, and is not cleared away`() throws {
        let dying = try sample.table { if $0 == .committed { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try sample.publish(4, of: dying) }
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(5))
        #expect(try table.current(DeltaSample.key)?.writer == .attempt(4))
        #expect(try table.current(DeltaSample.key)?.rows == 3)
        try table.discard(staging)
        #expect(sample.dataFiles.count == 1)
    }

    @Test func `Replaced files of an attempt that is long over stay for readers of older versions`() throws {
        try sample.publish(4)
        try sample.publish(5)
        _ = try sample.table().begin(DeltaSample.key, writer: .attempt(6))
        #expect(sample.dataFiles.count == 2)
    }
}

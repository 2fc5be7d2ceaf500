import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What a process has written into a log it knows without reading it; what others wrote it reads.
@Suite struct OwnEntryTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `An entry that this process committed is not read again`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let calls = try SystemCalls.of {
            try sample.publish(2, of: table)
            try sample.publish(3, of: table, DeltaSample.key.advanced(by: 1))
        }
        for version in [1, 2] {
            let path = table.log.path(of: Int64(version))
            let commit = try #require(calls.lastIndex(of: "renameat2(RENAME_NOREPLACE) \(path)"))
            #expect(!calls[commit...].contains("open " + path))
        }
        try expectSameAsRead(table)
    }

    @Test func `A group's entry is known as it would be read`() throws {
        let days = (0..<3).map { DeltaSample.key.advanced(by: $0) }
        try sample.publish(1, days[0], rows: 3)
        let attempts = try GroupedAttempts(sample, [days[0]: 11, days[1]: 12, days[2]: 13])
        #expect(attempts.finish().values.allSatisfy { $0 == .published })
        let table = try #require(attempts.table)
        try expectSameAsRead(table)
        #expect(try table.log.withLatest { $0?.version } == 2)
    }

    @Test func `What others commit in between is read`() async throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        try await sample.other("append", "2024-01-03")
        try sample.publish(2, of: table)
        try expectSameAsRead(table)
        #expect(try table.log.withLatest { $0?.version } == 2)
    }

    @Test func `Nothing is noted where the log is not as it was`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        let followed = DeltaLog(root: sample.root, column: "order_date")
        #expect(try followed.withLatest { $0?.version } == 0)
        try log.write([log.add("theirs", "2024-01-01")], version: 1)
        let ours = DeltaAction.transaction(ApplicationTransaction(appId: "noted", version: 7))
        // The newest entry that was read has become another one.
        try log.write([SampleLog.protocolLine, SampleLog.metadata(), log.add("more", "2024-01-01")], version: 0)
        followed.note([ours], as: 1)
        try expectRead(followed, files: 2, noted: nil)
        // The version is not the next one, or is not there.
        followed.note([ours], as: 3)
        followed.note([ours], as: 2)
        try expectRead(followed, files: 2, noted: nil)
        try log.write([log.add("another", "2024-01-01")], version: 2)
        followed.note([ours], as: 2)
        try expectRead(followed, files: 2, noted: 7)
    }

    private func expectRead(_ log: DeltaLog, files: Int, noted: Int64?) throws {
        try log.withLatest { replay in
            let replay = try #require(replay)
            #expect(replay.files.count == files)
            #expect(replay.transaction("noted") == noted)
        }
    }

    @Test func `What is noted of entries is what a reader finds in their text`() throws {
        let header = CommitEntry.Header(
            applicationID: "reprocess/t/2024-01-01", fence: 7, transactionID: "c", predicate: "d = '2024-01-01'",
            readVersion: 4, timestamp: 1_700_000_000_123)
        let vector = DeletionVector(
            storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^", offset: 4, sizeInBytes: 40, cardinality: 6)
        let removed = [
            LiveFile(
                path: "d=2024-01-01/a%20b.parquet", partitionValues: ["d": "2024-01-01", "e": nil], size: 17,
                deletionVector: nil, rows: 3, publishedFiles: 1),
            LiveFile(
                path: "d=2024-01-01/c.parquet", partitionValues: ["d": "2024-01-01", "e": "\"\u{1f600}/"], size: 0,
                deletionVector: vector, rows: nil, publishedFiles: nil),
        ]
        let added = AddedFile(
            path: "d=2024-01-01/new.parquet", partitionValues: ["d": "2024-01-01"], size: 99, modificationTime: 12,
            dataChange: true, stats: #"{"numRecords":3,"minValues":{"name":"a\"b\\c"}}"#,
            tags: [AddedFile.fileCountTag: "1"], deletionVector: nil)
        var timed = header
        timed.inCommitTimestamp = InCommitTimestamp(now: 5, previous: 9)
        let entries = [
            CommitEntry(header: header, newTable: nil, removed: removed, added: [added, added]),
            CommitEntry(header: timed, newTable: nil, removed: [], added: [added]),
            CommitEntry(header: header, newTable: nil, removed: [], added: []),
        ]
        for entry in entries {
            let noted = CommitEntry.actions(of: [entry], transactionID: entry.header.transactionID)
            let found = try read(entry.text())
            #expect(found == noted)
        }
        let noted = CommitEntry.actions(of: entries, transactionID: "group")
        let found = try read(CommitEntry.text(of: entries, transactionID: "group"))
        #expect(found == noted)
        let isOurs = noted.contains { $0.isOurs }
        #expect(isOurs)
    }

    private func read(_ text: String) throws -> [DeltaAction] {
        let path = sample.folder.appending("entry.json")
        try Data(text.utf8).write(to: URL(filePath: path))
        return try #require(try LogEntryReader().actions(in: path)).actions
    }

    private func expectSameAsRead(_ table: DeltaTable) throws {
        let anew = DeltaLog(root: sample.root, column: "order_date")
        try table.log.withLatest { known in
            let known = try #require(known)
            try anew.withLatest { read in
                let read = try #require(read)
                #expect(known.version == read.version)
                #expect(Set(known.files.all) == Set(read.files.all))
                #expect(known.allTransactions == read.allTransactions)
                #expect(known.files.bytes == read.files.bytes)
            }
        }
    }
}

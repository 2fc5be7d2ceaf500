import Foundation
import Partitions
import Synchronization
import Testing
import Transforms

@testable import PartitionBackfill

/// How many files a plan looks into for their rows, and what it says of the others.
@Suite struct FooterReadingTests {
    private struct Unreadable: Error {}

    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    /// The files of a partition, each of so many bytes and rows in a table whose log does not tell these.
    private func files(_ count: Int, of partition: Int, rows: Int64? = nil, deleted: Int64 = 0) throws -> SourceFiles {
        let query = Query("FROM source", sources: [Source(path: "/lake/bronze", format: .delta)])
        let files = (0..<count).map {
            TableSnapshot.File(
                path: "/lake/bronze/\(partition)/\($0)", values: [], bytes: 100, rows: rows, deletedRows: deleted)
        }
        let snapshot = TableSnapshot(
            path: "/lake/bronze", version: 3, columns: [], files: files, filterColumn: nil, features: [])
        let identity = try #require(
            try query.sourceIdentity(for: key(partition), column: "day", tables: ["source": snapshot]))
        return try #require(SourceFiles(query, ["source": snapshot], identity))
    }

    @Test func `A log that tells all rows needs no footer`() async throws {
        let reading = FooterReading { _ in throw Unreadable() }
        let answer = try await reading.rows([key(1): files(200, of: 1, rows: 7)], of: [key(1)])
        #expect(answer.rows == [key(1): RowCount(rows: 1_400, isCounted: true)])
        #expect(answer.total == 0 && answer.read == 0 && answer.problem == nil)
    }

    @Test func `Deleted rows are not counted, and files not whole are not`() async throws {
        let answer = try await FooterReading { _ in 50 }.rows([key(1): files(3, of: 1, deleted: 8)], of: [key(1)])
        #expect(answer.rows[key(1)] == RowCount(rows: 126, isCounted: true))
        let query = Query("FROM source", sources: [Source(path: "/lake/bronze", format: .delta)])
        let part = TableSnapshot(
            path: "/lake/bronze", version: 3, columns: [],
            files: [.init(path: "/lake/bronze/a", values: [], bytes: 1, rows: 5)], filterColumn: "day", features: [],
            hasOtherRows: true)
        let identity = try #require(
            try query.sourceIdentity(for: key(1), column: "day", tables: ["source": part]))
        #expect(SourceFiles(query, ["source": part], identity) == nil)
    }

    @Test func `Of a partition of many files some are looked into, and the rest is estimated by size`() async throws {
        let seen = Mutex(0)
        let reading = FooterReading { path in
            seen.withLock { $0 += 1 }
            return 10
        }
        let answer = try await reading.rows([key(1): files(5_000, of: 1)], of: [key(1)])
        #expect(seen.withLock { $0 } == SourceFiles.most)
        #expect(answer.read == SourceFiles.most && answer.total == 5_000)
        #expect(answer.rows[key(1)] == RowCount(rows: 50_000, isCounted: false))
    }

    @Test func `A plan looks into a limited number of files, at equal distances`() async throws {
        let keys = (0..<300).map(key)
        var all: [PartitionKey: SourceFiles] = [:]
        for (number, key) in keys.enumerated() { all[key] = try files(10, of: number) }
        let chosen = FooterReading.chosen(all, of: keys)
        #expect(chosen.count <= FooterReading.most && chosen.count > FooterReading.most / 2, "\(chosen.count)")
        #expect(chosen.first?.hasPrefix("/lake/bronze/0/") == true)
        #expect(chosen.last?.hasPrefix("/lake/bronze/299/") == true)
        let seen = Mutex(0)
        let reading = FooterReading { _ in
            seen.withLock { $0 += 1 }
            return 10
        }
        let answer = try await reading.rows(all, of: keys)
        #expect(seen.withLock { $0 } == chosen.count && answer.total == 3_000)
        #expect(answer.rows.count < 300 && answer.rows.values.allSatisfy { $0.isCounted && $0.rows == 100 })
        // One heavy partition among light ones does not carry it over the limit either.
        all[keys[0]] = try files(1_000, of: 0)
        #expect(FooterReading.chosen(all, of: keys, most: 20).count == 20)
        #expect(FooterReading.chosen([:], of: keys).isEmpty)
    }

    @Test func `A file that all partitions read is looked into once`() async throws {
        let shared = try files(1, of: 0)
        let seen = Mutex(0)
        let reading = FooterReading { _ in
            seen.withLock { $0 += 1 }
            return 10
        }
        let keys = (0..<20).map(key)
        let answer = try await reading.rows(
            Dictionary(uniqueKeysWithValues: keys.map { ($0, shared) }), of: keys)
        #expect(seen.withLock { $0 } == 1 && answer.total == 1 && answer.read == 1)
        #expect(answer.rows.count == 20)
    }

    @Test func `A footer that cannot be read is told of, and stops nothing`() async throws {
        let reading = FooterReading { path in
            if path.hasSuffix("/1/0") { throw Unreadable() }
            return path.hasSuffix("/2/0") ? nil : 10
        }
        let keys = [key(1), key(2), key(3)]
        let answer = try await reading.rows(
            [key(1): files(1, of: 1), key(2): files(2, of: 2), key(3): files(1, of: 3)], of: keys)
        #expect(answer.unseen == 1 && answer.problem?.contains("Unreadable") == true)
        #expect(answer.rows[key(1)] == nil)
        #expect(answer.rows[key(2)] == RowCount(rows: 20, isCounted: false))
        #expect(answer.rows[key(3)] == RowCount(rows: 10, isCounted: true))
    }
}

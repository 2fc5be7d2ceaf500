import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// What is staged for a Delta table and waits for somebody's decision.
@Suite struct DeltaHoldTests {
    private static let key = DeltaSample.key
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    private func hold(_ fence: Int64, query: String = DeltaSample.query) throws -> HeldGeneration {
        let table = try sample.table()
        let staging = try table.begin(Self.key, writer: .attempt(fence))
        try DeltaSample.stage(staging, query)
        return try table.hold(staging)
    }

    private func approve(_ held: Int64, by fence: Int64, rows: Int64, of table: DeltaTable? = nil) throws -> Generation
    {
        let table = try table ?? sample.table()
        let staging = try table.begin(Self.key, writer: .attempt(fence))
        try table.stageHeld(by: .attempt(held), into: staging)
        let published = try #require(try table.publish(staging, rows: rows).generation)
        try table.dropHeld(Self.key, by: .attempt(held))
        return published
    }

    @Test func `What is held waits, and what is published is what was held`() async throws {
        try sample.publish(1)
        let held = try hold(2, query: "SELECT 77::BIGINT AS v, 'held' AS name")
        #expect(held.files == [sample.held + "/\(Writer.attempt(2).text)/data.parquet"])
        let bytes = try Data(contentsOf: URL(filePath: held.files[0]))
        #expect(held.bytes == Int64(bytes.count))
        #expect(sample.versions == [0])
        #expect(DeltaSample.names(in: sample.attempts) == [Writer.attempt(2).text + ".ended"])
        #expect(throws: TableError.self) { try sample.publish(2) }
        for fence in Int64(3)...4 { try sample.publish(fence) }
        #expect(try sample.table().held(Self.key, by: .attempt(2)) == held)

        let published = try approve(2, by: 5, rows: 1)
        #expect(try Data(contentsOf: URL(filePath: published.files[0])) == bytes)
        #expect(published.files[0].hasSuffix("part-\(Writer.attempt(5).text)-00000.parquet"))
        #expect(try sample.table().current(Self.key) == published)
        #expect(try sample.table().inspect(Self.key)?.problems == [])
        #expect(try sample.table().held(Self.key, by: .attempt(2)) == nil)
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01") == ["77"])
        #expect(read.duckdb == read.deltalake)
        let staging = try sample.table().begin(Self.key, writer: .attempt(6))
        let error = #expect(throws: TableError.self) { try sample.table().stageHeld(by: .attempt(2), into: staging) }
        #expect(error?.code == .missing)
    }

    @Test func `What is held of a table with more partition columns is divided when it is published`() async throws {
        try await sample.other("create")
        let query = "SELECT i AS v, 'n' AS name, ['a', NULL, 'x=y%z'][1 + i % 3] AS region FROM range(5) t(i)"
        let held = try hold(2, query: query)
        #expect(held.files.count == 1)
        let published = try approve(2, by: 3, rows: 5)
        #expect(published.files.count == 3)
        let read = try await ReadTable.read(sample)
        #expect(
            read.values("region", where: "order_date", is: "2024-01-01").map { $0 ?? "" }.sorted()
                == ["", "", "a", "a", "x=y%z"])
        #expect(read.duckdb == read.deltalake)
    }

    @Test func `Holding may be asked for again, and a publish that has begun is not held`() throws {
        let table = try sample.table { if $0 == .setAside || $0 == .filesMoved { throw CancellationError() } }
        let first = try table.begin(Self.key, writer: .attempt(2))
        try DeltaSample.stage(first)
        #expect(throws: CancellationError.self) { try table.hold(first) }
        #expect(try sample.table().hold(first).files.count == 1)
        #expect(try sample.table().hold(first).files.count == 1)

        let second = try table.begin(Self.key, writer: .attempt(3))
        #expect(throws: TableError.self) { try table.hold(second) }
        try DeltaSample.stage(second)
        #expect(throws: CancellationError.self) { try table.publish(second, rows: 3) }
        let error = #expect(throws: TableError.self) { try table.hold(second) }
        #expect(error?.message.contains("has begun to publish") == true)
        #expect(try sample.table().publish(second, rows: 3).generation?.writer == .attempt(3))
    }

    /// A higher fence takes the name away and then removes the files, one after the other.
    @Test func `What a higher fence is about to remove is not held`() throws {
        let sample = sample
        let table = try sample.table { reached in
            guard reached == .aboutToHold else { return }
            let dying = try sample.table { if $0 == .stagingRevoked { throw CancellationError() } }
            #expect(throws: CancellationError.self) { try dying.begin(Self.key, writer: .attempt(3)) }
        }
        let staging = try table.begin(Self.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let error = #expect(throws: TableError.self) { try table.hold(staging) }
        #expect(error?.code == .fenced && error?.fence == 3)
        #expect(try sample.table().held(Self.key, by: .attempt(2)) == nil)
        #expect(DeltaSample.names(in: sample.held).isEmpty)
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
    }

    @Test(arguments: FaultPoint.begin + FaultPoint.hold)
    func `A staging is held whole or taken away, and the higher fence goes on`(first: FaultPoint) throws {
        for second in FaultPoint.delta {
            let sample = try DeltaSample(in: "/dev/shm")
            try sample.publish(1)
            _ = try sample.table().begin(Self.key, writer: .attempt(2))
            let context: Comment = "holding, paused at \(first), higher at \(second)"
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first, .hold)
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())
            #expect(higherResult == .published, context)
            #expect(lowerResult == .held || lowerResult == .fenced, context)
            let held = try sample.table().held(Self.key, by: .attempt(3))
            #expect(held?.files.count == (lowerResult == .held ? 1 : nil), context)
            #expect(try sample.table().current(Self.key)?.writer == .attempt(4), context)
            #expect(sample.versions == [0, 1], context)
            #expect(DeltaSample.names(in: sample.attempts).allSatisfy { $0.hasSuffix(".ended") }, context)
        }
    }

    @Test(arguments: FaultPoint.delta + FaultPoint.deciding)
    func `An approval that is overtaken publishes before, or nothing`(first: FaultPoint) throws {
        for second in FaultPoint.delta {
            let sample = try DeltaSample(in: "/dev/shm")
            try sample.publish(1)
            let held = try DeltaHoldTests(sample).hold(2)
            let context: Comment = "approving, paused at \(first), higher at \(second)"
            let lower = PausedAttempt(sample, fence: 3, pausedAt: first, .approve(.attempt(2)))
            let higher = PausedAttempt(sample, fence: 4, pausedAt: second)
            let (lowerResult, higherResult) = (lower.finish(), higher.finish())
            #expect(higherResult == .published, context)
            #expect(lowerResult == .published || lowerResult == .fenced, context)
            #expect(!higher.sawChangeAfterBegin, context)
            let left = try sample.table().held(Self.key, by: .attempt(2))
            #expect(left == (lowerResult == .published ? nil : held), context)
            #expect(try sample.table().current(Self.key)?.writer == .attempt(4), context)
            #expect(sample.dataFiles.count == (lowerResult == .published ? 3 : 2), context)
        }
    }

    private init(_ sample: DeltaSample) { self.sample = sample }

    @Test func `Cleaning removes what is held only when it is decided on`() throws {
        try sample.publish(1)
        let held = try hold(2)
        let table = try sample.table()
        #expect(try table.partitionsWithLeftovers(.day) == [Self.key])
        let leftovers = try table.leftovers(of: Self.key)
        let items = leftovers.items.filter { $0.kind == .held }
        #expect(items.map(\.writer) == [.attempt(2)] && items[0].bytes == held.bytes)
        let rule = CleaningRule(keep: .zero)
        for standing in [AttemptStanding.held, .live, .lapsed, .unknown] {
            let decision = rule.decide(leftovers, standings: [.attempt(2): standing])
            #expect(!decision.removable.contains { $0.kind == .held })
        }
        let decision = rule.decide(leftovers, standings: [.attempt(2): .ended(ago: .zero)])
        #expect(decision.removable.contains(items[0]))
        #expect(try table.remove(items[0], of: Self.key))
        #expect(try !table.remove(items[0], of: Self.key))
        #expect(try table.held(Self.key, by: .attempt(2)) == nil)

        _ = try hold(3)
        let dying = try sample.table { if $0 == .heldDoomed { throw CancellationError() } }
        #expect(throws: CancellationError.self) { try dying.dropHeld(Self.key, by: .attempt(3)) }
        let remains = try table.leftovers(of: Self.key).items.filter { $0.kind == .remains }
        #expect(remains.count == 1)
        #expect(try table.remove(remains[0], of: Self.key))
        #expect(DeltaSample.names(in: sample.held).isEmpty)
    }

    /// `VACUUM` takes old files that no version names for garbage, also those that are just about to be committed.
    @Test(arguments: [false, true])
    func `A file that was held for long is not taken for garbage while it is published`(
        restores: Bool
    ) async throws {
        let first = try #require(
            try sample.publish(1, rows: 1, query: "SELECT 5::BIGINT AS v, 'old' AS name").generation)
        let held = try hold(2)
        try sample.publish(3)
        for file in held.files + first.files {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60 * 86_400)], ofItemAtPath: file)
        }
        let action: PausedAttempt.Action = restores ? .undo(.attempt(3)) : .approve(.attempt(2))
        let attempt = PausedAttempt(sample, fence: 4, pausedAt: .filesMoved, action, rows: restores ? 1 : 3)
        try await sample.other("vacuum-full")
        #expect(attempt.finish() == .published)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == (restores ? 1 : 3))
        #expect(read.duckdb == read.deltalake)
    }
}

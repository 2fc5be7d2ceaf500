import FaultPoints
import Foundation
import Lakehouse
import Partitions
import Synchronization
import TestSupport
import Testing

@Suite struct PublishTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test func `A new partition appears with its writer, rows and a name of its own`() throws {
        let table = try sample.table()
        #expect(try table.current(Sample.key) == nil)
        let generation = try #require(try sample.publish(7, of: table).generation)
        #expect(generation.writer == .attempt(7))
        #expect(generation.version == Writer.attempt(7).text)
        #expect(generation.files == [sample.partition + "/part-\(Writer.attempt(7).text)-00000.parquet"])
        #expect(generation.rows == 3)
        #expect(generation.bytes == 171)
        #expect(try table.current(Sample.key) == generation)
    }

    @Test func `A replaced generation is kept, and other partitions do not change`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table, Sample.key.next)
        let neighbour = try table.current(Sample.key.next)
        try sample.publish(2, of: table)
        try sample.publish(3, of: table)
        #expect(try table.current(Sample.key)?.writer == .attempt(3))
        #expect(try table.current(Sample.key.next) == neighbour)
        let kept = sample.sibling + "/previous/2024-01-01/" + Writer.attempt(3).text
        #expect(Sample.names(in: kept) == ["part-\(Writer.attempt(2).text)-00000.parquet"])
    }

    @Test func `Only finished partitions are under the table's folder, at every point`() throws {
        let seen = Mutex<Set<[String]>>([])
        let root = sample.root
        let table = try sample.table { _ in _ = seen.withLock { $0.insert(Sample.paths(below: root)) } }
        try sample.publish(1, of: table)
        try sample.publish(2, of: table)
        let folder = "order_date=2024-01-01"
        let generations = (Int64(1)...2).map { [folder, folder + "/part-\(Writer.attempt($0).text)-00000.parquet"] }
        #expect(seen.withLock { $0 } == Set([[]] + generations))
    }

    @Test func `Files of another program are a generation without a writer, and are replaced whole`() throws {
        let table = try sample.table()
        try sample.writeForeign()
        let foreign = try #require(try table.current(Sample.key))
        #expect(foreign.writer == nil)
        #expect(foreign.rows == nil)
        #expect(foreign.files == [sample.partition + "/foreign.parquet"])
        try sample.publish(1, of: table)
        #expect(try table.current(Sample.key)?.files.count == 1)
        let kept = sample.sibling + "/previous/2024-01-01/" + Writer.attempt(1).text
        #expect(Sample.names(in: kept) == ["foreign.parquet"])
    }

    @Test func `A file added to or taken from our generation makes it nobody's`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(1))
        try Sample.stage(staging, as: "a.parquet")
        try Sample.stage(staging, as: "b.parquet")
        let published = try #require(try table.publish(staging, rows: 6).generation)
        try FileManager.default.removeItem(atPath: published.files[0])
        #expect(try table.current(Sample.key)?.writer == nil)
        try Sample.write(to: published.files[0])
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
        try sample.writeForeign()
        #expect(try table.current(Sample.key)?.writer == nil)
    }

    @Test func `Hidden markers of other writers are not published`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(1))
        try Sample.stage(staging)
        try Data().write(to: URL(filePath: staging.directory + "/_SUCCESS"))
        try Data("x".utf8).write(to: URL(filePath: staging.directory + "/.data.parquet.crc"))
        try FileManager.default.createDirectory(
            atPath: staging.directory + "/_temporary/0", withIntermediateDirectories: true)
        _ = try table.publish(staging, rows: 3)
        #expect(Sample.names(in: sample.partition) == ["part-\(Writer.attempt(1).text)-00000.parquet"])
    }

    @Test func `Publishing a staging twice reports the same generation and swaps nothing back`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        let first = try table.publish(staging, rows: 3)
        #expect(try table.publish(staging, rows: 3) == first)
        #expect(try table.current(Sample.key)?.writer == .attempt(2))
    }

    @Test(arguments: FaultPoint.publishPoints, [true, false])
    func `A publish that failed in the middle can be tried again`(point: FaultPoint, replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        let failures = Mutex(0)
        let table = try sample.table { reached in
            guard reached == point else { return }
            let isFirst = failures.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw CancellationError() }
        }
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        #expect(throws: CancellationError.self) { try table.publish(staging, rows: 3) }
        #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(2))
        #expect(try table.current(Sample.key)?.rows == 3)
        #expect(Sample.names(in: sample.partition).count == 1)
        let kept = Sample.paths(below: sample.sibling + "/previous/2024-01-01").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (replaces ? 1 : 0))
    }

    @Test func `What was replaced by others after a publish is not replaced again`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let failing = try sample.table { if $0 == .exchanged { throw CancellationError() } }
        let staging = try failing.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        #expect(throws: CancellationError.self) { try failing.publish(staging, rows: 3) }
        try FileManager.default.removeItem(atPath: sample.partition)
        try sample.writeForeign()
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(error?.code == .damaged)
        #expect(Sample.names(in: sample.partition) == ["foreign.parquet"])
    }

    @Test(arguments: [
        ("empty.parquet", Data()), ("cut.parquet", Data("PAR1 and then the writer died".utf8)),
        ("text.csv", Data("a,b\n1,2\n3,4\n".utf8)),
    ])
    func `A file that is not a complete Parquet file is refused`(name: String, content: Data) throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try content.write(to: URL(filePath: staging.directory + "/" + name))
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 0) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(name) == true)
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
    }

    @Test func `A staging without files, or with folders, is refused`() throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        #expect(throws: TableError.self) { try table.publish(staging, rows: 0) }
        let nested = staging.directory + "/country=CH"
        try FileManager.default.createDirectory(atPath: nested, withIntermediateDirectories: true)
        try Sample.write(to: nested + "/data.parquet")
        #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(try table.current(Sample.key) == nil)
    }

    @Test func `A partition with folders in it is not replaced`() throws {
        let nested = sample.partition + "/country=CH"
        try FileManager.default.createDirectory(atPath: nested, withIntermediateDirectories: true)
        let error = #expect(throws: TableError.self) { try sample.publish(1) }
        #expect(error?.code == .refused)
    }

    @Test func `A reader that looks all the time never finds the partition missing`() throws {
        let sample = try Sample(in: "/dev/shm")
        let table = try sample.table()
        try sample.publish(1, of: table)
        let partition = sample.partition
        let state = Mutex((isDone: false, looks: 0, misses: 0))
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while state.withLock({ !$0.isDone }) {
                let isMissing = access(partition, F_OK) != 0
                state.withLock { $0 = ($0.isDone, $0.looks + 1, $0.misses + (isMissing ? 1 : 0)) }
            }
            ended.signal()
        }
        for fence in Int64(2)...500 { try sample.publish(fence, of: table) }
        state.withLock { $0.isDone = true }
        ended.wait()
        #expect(state.withLock { $0.misses } == 0)
        #expect(state.withLock { $0.looks } > 500)
    }

    @Test func `Two calls for one staging at the same time publish once`() throws {
        let second = Mutex<TableError.Code?>(nil)
        let other = try sample.table()
        try sample.publish(1, of: other)
        let staging = try other.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        let table = try sample.table { point in
            guard point == .aboutToExchange else { return }
            do {
                _ = try other.publish(staging, rows: 3)
            } catch let error as TableError {
                second.withLock { $0 = error.code }
            }
        }
        _ = try table.publish(staging, rows: 3)
        #expect(second.withLock { $0 } == .busy)
        #expect(try table.current(Sample.key)?.writer == .attempt(2))
    }
}

extension FaultPoint {
    static let publishPoints: [FaultPoint] = [
        .filesNamed, .recordWritten, .stagingSynced, .aboutToExchange, .exchanged, .exchangeVerified, .exchangeSynced,
        .recordSettled, .replacedArchived,
    ]
    static let beginPoints: [FaultPoint] = [.fenceInstalled, .floorSeen, .stagingRevoked, .begun]
}

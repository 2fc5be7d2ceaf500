import Foundation
import Glibc
import Lakehouse
import Partitions
import TestSupport
import Testing

/// How long the crowd is at work, and with which faults.
private struct CrowdSettings {
    /// `REPROCESS_DELTA_SECONDS`: a few seconds in an ordinary test run.
    let seconds: Int
    /// What the faults follow from, `REPROCESS_DELTA_SEED`: another one each time.
    let seed: UInt64

    static let fromEnvironment: CrowdSettings = {
        let environment = ProcessInfo.processInfo.environment
        return CrowdSettings(
            seconds: environment["REPROCESS_DELTA_SECONDS"].flatMap { Int($0) } ?? 4,
            seed: environment["REPROCESS_DELTA_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...UInt64(UInt32.max)))
    }()
}

/// Eight processes of ours and four of another program write one table, and are killed all the time.
@Suite(.serialized) struct DeltaCrowdTests {
    /// Ours are at the first sixteen days, the other program is at the last eight: four of them are everybody's.
    private static let (ours, theirs) = (
        (first: DeltaSample.key, days: 16), (first: DeltaSample.key.advanced(by: 12), days: 8)
    )

    private let sample: DeltaSample
    private let notes: String
    init() throws {
        sample = try DeltaSample()
        notes = sample.folder.appending("notes")
        try FileManager.default.createDirectory(atPath: notes, withIntermediateDirectories: true)
    }

    @Test(.timeLimit(.minutes(15)))
    func `Twelve writers that are killed all the time lose nothing and double nothing`() async throws {
        let settings = CrowdSettings.fromEnvironment
        var random = SeededGenerator(seed: settings.seed)
        print("REPROCESS_DELTA_SECONDS=\(settings.seconds) REPROCESS_DELTA_SEED=\(settings.seed)")
        try createTable()
        var crowd = try (0..<12).map(start)
        var kills = [0, 0]
        let end = ContinuousClock.now + .seconds(settings.seconds)
        let limit = end + .seconds(180)
        // On a busy machine the other program takes long to start: everybody must have had a turn.
        while ContinuousClock.now < end || (acknowledged("theirs").count < 20 && ContinuousClock.now < limit) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...300, using: &random)))
            // Theirs take long to start, so they are killed less often.
            let isTheirs = Int.random(in: 0..<12, using: &random) == 0
            let number = isTheirs ? Int.random(in: 8..<12, using: &random) : Int.random(in: 0..<8, using: &random)
            #expect(!crowd[number].hasEnded, "writer \(number) has given up: \(crowd[number].errorOutput)")
            crowd[number].send(SIGKILL)
            #expect(try await crowd[number].wait(timeout: .seconds(120)) == .signalled(SIGKILL))
            kills[isTheirs ? 1 : 0] += 1
            crowd[number] = try start(number)
        }
        try Data().write(to: URL(filePath: notes + "/stop"))
        for process in crowd {
            #expect(try await process.wait(timeout: .seconds(240)) == .exited(0), "\(process.errorOutput)")
        }
        try await judge(kills)
    }

    private func judge(_ kills: [Int]) async throws {
        let history = try CrowdHistory(sample)
        #expect(history.faults.prefix(3) == [])
        let (ours, theirs) = (acknowledged("ours"), acknowledged("theirs"))
        #expect(ours.count >= 8 && theirs.count >= 20)
        for write in ours.map({ "ours \($0)" }) + theirs.map({ "theirs \($0)" }) {
            #expect(history.commits[write] == 1, "\(write) was acknowledged")
        }
        #expect(history.commits.values.allSatisfy { $0 == 1 })

        let read = try await ReadTable.read(sample)
        #expect(read.version == Int64(history.versions) - 1)
        #expect(read.duckdb == read.deltalake)
        let names = ["order_date", "writer", "fence", "number", "total"].map { read.columns.firstIndex(of: $0) ?? 0 }
        var found: [String: [(number: String, total: String)]] = [:]
        for row in read.deltalake {
            let values = names.map { row[$0] ?? "null" }
            found["\(values[0]): \(values[1]) \(values[2])", default: []].append((values[3], values[4]))
        }
        let expected = Set(history.contents.flatMap { day, writes in writes.map { "\(day): \($0)" } })
        #expect(Set(found.keys) == expected)
        for (write, rows) in found {
            #expect(rows.allSatisfy { $0.total == "\(rows.count)" }, "\(write)")
            #expect(Set(rows.map(\.number)).count == rows.count, "\(write)")
        }
        print(
            "\(history.versions) versions, \(history.groups) of groups; acknowledged: \(ours.count) of ours, "
                + "\(theirs.count) of deltalake; killed: \(kills[0]) of ours, \(kills[1]) of deltalake")
    }

    /// A table of rows that say which write they are of.
    private func createTable() throws {
        try sample.publish(
            0, DeltaSample.key, rows: 0,
            query: """
                SELECT 'ours' AS writer, 0::BIGINT AS fence, 0::BIGINT AS number, 0::BIGINT AS total LIMIT 0
                """)
    }

    private func start(_ number: Int) throws -> RunningProcess {
        let range = number < 8 ? Self.ours : Self.theirs
        let arguments = [sample.root, range.first.description, "\(range.days)", notes]
        if number < 8 { return try RunningProcess(RunningProcess.built("DeltaProbe"), ["crowd"] + arguments) }
        return try Python.start("crowd_writer.py", arguments)
    }

    /// What the writers of a kind have noted, the first word of each line.
    private func acknowledged(_ kind: String) -> [Substring] {
        let text = (try? String(contentsOfFile: "\(notes)/\(kind)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    }
}

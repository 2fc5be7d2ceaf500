import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// Attempts of one process that are ready at the same moment are committed by one entry, and each has its own outcome.
@Suite struct DeltaGroupTests {
    private let sample: DeltaSample
    private let days = (0..<3).map { DeltaSample.key.advanced(by: $0) }
    init() throws { sample = try DeltaSample() }

    @Test func `One entry counts each attempt, and readers see what each has replaced`() async throws {
        try sample.publish(1)
        #expect(try publish([days[0]: 3, days[1]: 4, days[2]: 5]) == [.published, .published, .published])
        // The first day's generation, the opener's, the group's.
        #expect(sample.versions == [0, 1, 2])
        let actions = try sample.actions(of: 2)
        #expect(actions.count(where: { $0["commitInfo"] != nil }) == 1)
        #expect(actions.count(where: { $0["txn"] != nil }) == 3)
        #expect(actions.count(where: { $0["add"] != nil }) == 3)
        #expect(actions.count(where: { $0["remove"] != nil }) == 1)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 4 * 3)
        #expect(read.duckdb == read.deltalake)
        for (day, fence) in zip(days, [Int64(3), 4, 5]) {
            #expect(try sample.table().current(day)?.writer == .attempt(fence))
            let left = DeltaSample.names(in: "\(sample.sibling)/staging/\(day)")
            #expect(left.allSatisfy { $0.hasSuffix(".ended") }, "\(left)")
        }
        #expect(DeltaSample.names(in: sample.sibling + "/groups").isEmpty)
    }

    @Test func `What another program wrote to one member's day concerns that member alone`() async throws {
        try await sample.other("create-plain")
        let day = try PartitionKey(parsing: "2024-01-03", as: .day)
        let others = [day.advanced(by: 30), day.advanced(by: 31)]
        let group = try GroupedAttempts(
            sample, [others[0]: 3, day: 4, others[1]: 5], waiting: { try append(to: day) })
        let results = group.finish()
        #expect(results[day] == .failed(.damaged))
        #expect(results[others[0]] == .published && results[others[1]] == .published)
        #expect(try sample.fences(of: day).isEmpty)
        #expect(try sample.fences(of: others[0]) == [3] && sample.fences(of: others[1]) == [5])
    }

    @Test func `Where there is no table, one makes it alone, and the others go together`() throws {
        let group = try GroupedAttempts(sample, [days[0]: 3, days[1]: 4, days[2]: 5], openerFails: true)
        let results = group.finish()
        for day in days { #expect(results[day] == .published) }
        #expect(sample.versions == [0, 1])
        #expect(try sample.actions(of: 0).count(where: { $0["metaData"] != nil }) == 1)
        #expect(try sample.actions(of: 1).count(where: { $0["txn"] != nil }) == 2)
    }

    @Test func `An error after the commit reaches all, and who tries again learns that it was committed`() throws {
        try failAfterCommit()
        let table = try sample.table()
        for (day, fence) in zip(days, [Int64(3), 4, 5]) {
            #expect(try table.publish(staging(day, fence), rows: 3).generation?.writer == .attempt(fence))
            let left = DeltaSample.names(in: "\(sample.sibling)/staging/\(day)")
            #expect(left.allSatisfy { $0.hasSuffix(".ended") }, "\(left)")
        }
        #expect(sample.versions == [0, 1, 2])
    }

    @Test func `What a group has committed is neither discarded nor cleared away`() throws {
        try failAfterCommit()
        let files = sample.dataFiles
        let table = try sample.table()
        try table.discard(staging(days[0], 3))
        _ = try table.begin(days[1], writer: .attempt(14))
        _ = try table.begin(days[2], writer: .attempt(15))
        #expect(sample.dataFiles == files)
        for (day, fence) in zip(days, [Int64(3), 4, 5]) {
            #expect(try table.current(day)?.writer == .attempt(fence))
        }
    }

    /// Leaves a group as it is when its leader dies right after the commit.
    private func failAfterCommit() throws {
        try sample.publish(1)
        let group = try GroupedAttempts(
            sample, [days[0]: 3, days[1]: 4, days[2]: 5], pausedAt: .committed, action: { throw CancellationError() })
        let results = group.finish()
        for day in days { #expect(results[day] == .failed(nil)) }
        #expect(sample.versions == [0, 1, 2])
    }

    private func staging(_ day: PartitionKey, _ fence: Int64) -> Staging {
        let writer = Writer.attempt(fence)
        return Staging(key: day, writer: writer, directory: "\(sample.sibling)/staging/\(day)/\(writer.text)")
    }

    @Test func `A group that is taken away while its entry is written falls apart`() throws {
        try sample.publish(1)
        let opens = Mutex(0)
        let other = try sample.table()
        let group = try GroupedAttempts(
            sample, [days[1]: 3, days[0]: 4, days[2]: 5],
            observer: { [days] call, path in
                guard call == "open", path.contains("/groups/") else { return }
                // The file is made first, and opened again to be written.
                let isWriting = opens.withLock { opens in
                    opens += 1
                    return opens == 2
                }
                if isWriting { #expect(throws: Never.self) { try other.begin(days[0], writer: .attempt(9)) } }
            })
        let results = group.finish()
        #expect(results[days[0]] == .fenced)
        #expect(results[days[1]] == .published && results[days[2]] == .published)
        #expect(try sample.fences(of: days[0]) == [1])
        #expect(DeltaSample.names(in: sample.sibling + "/groups").isEmpty)
    }

    @Test func `Attempts at one partition are never in one group`() throws {
        let line = CommitLine()
        let groups = Mutex<[[Int64]]>([])
        let (entered, mayGo, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchGroup())
        let fences: [(PartitionKey, Int64)] = [(days[0], 1), (days[1], 2), (days[1], 3), (days[2], 4)]
        for (number, (key, fence)) in fences.enumerated() {
            done.enter()
            let commit = PendingCommit(
                staging: Staging(key: key, writer: .attempt(fence), directory: ""),
                base: PartitionBase(version: 0, files: []), prepared: PreparedFiles(files: [], checkedAgainst: nil),
                rows: 0)
            Thread.detachNewThread {
                defer { done.leave() }
                let result = try? line.commit(commit) { group in
                    groups.withLock { $0.append(group.map(\.staging.writer.fence).sorted()) }
                    if number == 0 {
                        entered.signal()
                        mayGo.wait()
                    }
                    return group.map { .success(.settled(.fenced(by: $0.staging.writer.fence))) }
                }
                // Everybody gets what is his.
                #expect(result == .settled(.fenced(by: fence)))
            }
            if number == 0 { entered.wait() }
            let deadline = ContinuousClock.now + .seconds(60)
            while line.waiting < number, ContinuousClock.now < deadline { usleep(200) }
        }
        mayGo.signal()
        done.wait()
        #expect(groups.withLock { $0 } == [[1], [2, 4], [3]])
    }

    private func publish(_ members: KeyValuePairs<PartitionKey, Int64>) throws -> [GroupedAttempts.Result?] {
        let results = try GroupedAttempts(sample, members).finish()
        return members.map { results[$0.key] }
    }

    private func append(to day: PartitionKey) throws {
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task.detached { [sample] in
            do { try await sample.other("append", "\(day)", "1") } catch { failure.withLock { $0 = error } }
            done.signal()
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

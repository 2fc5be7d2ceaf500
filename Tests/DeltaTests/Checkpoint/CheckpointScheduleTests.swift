import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// Checkpoints beside the commits.
@Suite struct CheckpointScheduleTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `With a thread of their own checkpoints are of the same versions`() throws {
        let table = try sample.table()
        table.beginUpkeep()
        for fence in 1...25 {
            try publish(Int64(fence), of: table)
            // Each is written before the next one is due.
            if fence == 11 || fence == 21 { try waitUntil { sample.checkpoints.last == Int64(fence) - 1 } }
        }
        table.finishUpkeep()
        #expect(sample.checkpoints == [10, 20])
        #expect(table.takeNotices().isEmpty)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
    }

    @Test func `A checkpoint that hangs holds up no commit, and of those that wait the newest is written`() throws {
        let gate = Gate()
        let table = try sample.table { if $0 == .checkpointWritten { gate.pass() } }
        table.beginUpkeep()
        for fence in 1...11 { try publish(Int64(fence), of: table) }
        try waitUntil { gate.arrived == 1 }
        for fence in 12...45 { try publish(Int64(fence), of: table) }
        #expect(sample.checkpoints.isEmpty && gate.arrived == 1)
        gate.open()
        table.finishUpkeep()
        #expect(sample.checkpoints == [10, 40])
    }

    @Test func `At the end what waits is written`() throws {
        let gate = Gate()
        let table = try sample.table { if $0 == .checkpointWritten { gate.pass() } }
        table.beginUpkeep()
        for fence in 1...21 { try publish(Int64(fence), of: table) }
        gate.open()
        table.finishUpkeep()
        #expect(sample.checkpoints.last == 20)
        // Later ones are written by the publish again.
        for fence in 22...31 { try publish(Int64(fence), of: table) }
        #expect(sample.checkpoints.last == 30)
    }

    @Test func `Who is in a hurry drops what waits, and nothing is left behind`() throws {
        let gate = Gate()
        let table = try sample.table { if $0 == .checkpointWritten { gate.pass() } }
        table.beginUpkeep()
        for fence in 1...25 { try publish(Int64(fence), of: table) }
        try waitUntil { gate.arrived == 1 }
        table.cancelUpkeep()
        gate.open()
        table.finishUpkeep()
        // The one that was about to be added may be.
        #expect(sample.checkpoints == [10])
        #expect(table.takeNotices().isEmpty)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(25))
    }

    @Test func `A checkpoint that was cancelled before it was begun is not written`() throws {
        let table = try sample.table()
        table.beginUpkeep()
        table.cancelUpkeep()
        for fence in 1...12 { try publish(Int64(fence), of: table) }
        table.finishUpkeep()
        #expect(sample.checkpoints.isEmpty && table.takeNotices().isEmpty)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
    }

    @Test func `A failure is told at the end`() throws {
        let table = try sample.table { if $0 == .checkpointWritten { throw CancellationError() } }
        table.beginUpkeep()
        for fence in 1...12 { try publish(Int64(fence), of: table) }
        table.finishUpkeep()
        #expect(table.takeNotices().count == 1)
        #expect(sample.checkpoints.isEmpty)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
    }

    private func publish(_ fence: Int64, of table: DeltaTable) throws {
        try sample.publish(fence, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
    }

    private func waitUntil(_ condition: () -> Bool) throws {
        let end = ContinuousClock.now + .seconds(120)
        while !condition() {
            try #require(ContinuousClock.now < end)
            usleep(2000)
        }
    }
}

/// Holds up whoever comes until it is opened.
private final class Gate: Sendable {
    private let state = Mutex((isOpen: false, arrived: 0))

    var arrived: Int { state.withLock { $0.arrived } }

    func open() { state.withLock { $0.isOpen = true } }

    func pass() {
        state.withLock { $0.arrived += 1 }
        while !state.withLock({ $0.isOpen }) { usleep(2000) }
    }
}

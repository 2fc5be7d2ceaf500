import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Cleaning in the middle of everything else.
@Suite struct CleanInterleavingTests {
    @Test(arguments: FaultPoint.table, [true, false])
    func `An attempt that was taken for dead has published before, or never does`(
        point: FaultPoint, replaces: Bool
    ) throws {
        let sample = try Sample(in: "/dev/shm")
        if replaces { try sample.publish(1) }
        _ = try sample.table().begin(Sample.key, writer: .attempt(2))
        let attempt = PausedAttempt(sample, fence: 3, pausedAt: point)
        attempt.waitUntilPausedOrDone()
        let before = try sample.table().current(Sample.key)

        try sample.clean(everyAttempt: .lapsed)
        let result = attempt.finish()

        // As long as it has staged nothing there is nothing to take away: its empty folder is the fence, and stays.
        let mayPublish = FaultPoint.beginPoints.contains(point)
        let isPublished = mayPublish || FaultPoint.publishPoints.drop { $0 != .exchanged }.contains(point)
        #expect((result == .published) == isPublished, "\(result)")
        let now = try sample.table().current(Sample.key)
        #expect(now?.writer == (mayPublish ? .attempt(3) : before?.writer))
        if !mayPublish { #expect(now?.files == before?.files) }
        #expect(try sample.canBegin(2) == false)
        let kept = Sample.paths(below: sample.sibling + "/previous").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (replaces && isPublished ? 1 : 0))
        // Nothing of it is in the way of the next one.
        #expect(try sample.publish(4).generation?.writer == .attempt(4))
    }

    /// The points that a cleaning passes when it settles what the attempt left.
    @Test(arguments: [FaultPoint.stagingRevoked, .exchangeSynced, .recordSettled], [true, false])
    func `A cleaning that sleeps in the middle changes nothing when it wakes`(
        point: FaultPoint, wasPublished: Bool
    ) throws {
        let sample = try Sample(in: "/dev/shm")
        try sample.publish(1)
        let dying = try sample.table {
            if $0 == (wasPublished ? .exchanged : .stagingSynced) { throw POSIXError(.EIO) }
        }
        #expect(throws: POSIXError.self) { try sample.publish(2, of: dying) }
        // The second cleaning, and then an attempt with a higher fence, come while the first one is at the point.
        let sleeper = try sample.table { reached in
            guard reached == point else { return }
            try sample.clean(everyAttempt: .lapsed)
            try sample.publish(3)
        }
        try sample.clean(sleeper, everyAttempt: .lapsed)
        if try sample.table().current(Sample.key)?.writer != .attempt(3) { try sample.publish(3) }

        #expect(try sample.table().current(Sample.key)?.writer == .attempt(3))
        #expect(Sample.names(in: sample.partition) == ["part-\(Writer.attempt(3).text)-00000.parquet"])
        let kept = Sample.paths(below: sample.sibling + "/previous").filter { $0.hasSuffix(".parquet") }
        #expect(kept.count == (wasPublished ? 2 : 1))
        #expect(try sample.canBegin(2) == false)
        try sample.clean()
        #expect(try sample.table().current(Sample.key)?.rows == 3)
    }

    @Test(arguments: 0..<40)
    func `Whatever comes after whatever, no floor sinks and nothing visible or live is lost`(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let sample = try Sample(in: "/dev/shm")
        var history = History(sample: sample)
        for _ in 0..<25 {
            try history.step(using: &generator)
            try history.check()
        }
    }
}

/// A partition to which things happen, and what must hold of it.
private struct History {
    let sample: Sample
    private var next: Int64 = 1
    private var highest: Int64 = 0
    private var visible: Int64?
    private var live: Staging?
    private var held: Set<Int64> = []
    private var log: [String] = []

    init(sample: Sample) { self.sample = sample }

    mutating func step(using generator: inout SplitMix) throws {
        switch Int.random(in: 0..<11, using: &generator) {
        case 0: try begin()
        case 1: try publishLive()
        case 2: try die(at: try #require(FaultPoint.table.randomElement(using: &generator)))
        case 3: try discardLive()
        case 4: try holdLive()
        case 5: try approve()
        case 6: try undo()
        case 7: try dieHolding(at: try #require(FaultPoint.hold.randomElement(using: &generator)))
        default:
            let keep = Bool.random(using: &generator) ? Duration.zero : .seconds(7 * 86_400)
            log.append("clean keep \(keep)")
            var exceptions = Dictionary(uniqueKeysWithValues: held.map { ($0, AttemptStanding.held) })
            if let live { exceptions[live.writer.fence] = .live }
            try sample.clean(
                everyAttempt: Bool.random(using: &generator) ? .lapsed : .ended(ago: .seconds(60)), but: exceptions,
                keep: keep)
        }
    }

    private mutating func takeFence() -> Int64 {
        defer { next += 1 }
        highest = next
        return next
    }

    private mutating func begin() throws {
        let fence = takeFence()
        log.append("begin \(fence)")
        live = try sample.table().begin(Sample.key, writer: .attempt(fence))
        if let live { try Sample.stage(live) }
    }

    private mutating func publishLive() throws {
        guard let staging = live else { return }
        log.append("publish \(staging.writer.fence)")
        #expect(try sample.table().publish(staging, rows: 3).generation?.writer == staging.writer, "\(log)")
        visible = staging.writer.fence
        live = nil
    }

    private mutating func discardLive() throws {
        guard let staging = live else { return }
        log.append("discard \(staging.writer.fence)")
        try sample.table().discard(staging)
        live = nil
    }

    private mutating func holdLive() throws {
        guard let staging = live else { return }
        log.append("hold \(staging.writer.fence)")
        #expect(try sample.table().hold(staging).files.count == 1, "\(log)")
        held.insert(staging.writer.fence)
        live = nil
    }

    /// Publishes what was held last, and drops it.
    private mutating func approve() throws {
        guard let decided = held.max() else { return }
        try publishAgain("approve \(decided)") { try $0.stageHeld(by: .attempt(decided), into: $1) }
        try sample.table().dropHeld(Sample.key, by: .attempt(decided))
        held.remove(decided)
    }

    private mutating func undo() throws {
        guard let visible, case .kept = try sample.table().replaced(Sample.key, by: .attempt(visible)) else { return }
        try publishAgain("undo \(visible)") { try $0.stageReplaced(by: .attempt(visible), into: $1) }
    }

    private mutating func publishAgain(_ what: String, _ stage: (HiveTable, Staging) throws -> Void) throws {
        let fence = takeFence()
        log.append("\(what) by \(fence)")
        live = nil
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try stage(table, staging)
        #expect(try table.publish(staging, rows: 3).generation?.writer == staging.writer, "\(log)")
        visible = fence
    }

    private mutating func dieHolding(at point: FaultPoint) throws {
        let fence = takeFence()
        log.append("die holding \(fence) at \(point)")
        live = nil
        let table = try sample.table { if $0 == point { throw POSIXError(.EIO) } }
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.stage(staging)
        #expect(throws: POSIXError.self) { try table.hold(staging) }
    }

    private mutating func die(at point: FaultPoint) throws {
        let fence = takeFence()
        log.append("die \(fence) at \(point)")
        let table = try sample.table { if $0 == point { throw POSIXError(.EIO) } }
        // Where it dies before it has looked, its name alone keeps the live one below it from publishing.
        live = nil
        let staging: Staging
        do {
            staging = try table.begin(Sample.key, writer: .attempt(fence))
        } catch is POSIXError {
            // While it settled what another one had left, maybe.
            return
        }
        try Sample.stage(staging)
        do {
            // The point may be one that this attempt does not pass.
            _ = try table.publish(staging, rows: 3)
            visible = fence
        } catch is POSIXError {
            if FaultPoint.publishPoints.drop(while: { $0 != .exchanged }).contains(point) { visible = fence }
        }
    }

    func check() throws {
        let table = try sample.table()
        let current = try table.current(Sample.key)
        #expect(current?.writer?.fence == visible, "\(log)")
        if current != nil { #expect(try table.inspect(Sample.key)?.problems == [], "\(log)") }
        if highest > 1 { #expect(try !sample.canBegin(highest - 1), "\(log)") }
        if let live { #expect(Sample.names(in: live.directory) == ["data.parquet"], "\(log)") }
        for fence in held {
            #expect(try table.held(Sample.key, by: .attempt(fence))?.files.count == 1, "\(fence) of \(log)")
        }
        // Whatever is kept of replaced generations is whole.
        for name in Sample.names(in: sample.previous) {
            #expect(Sample.names(in: sample.previous + "/" + name).count == 1, "\(log)")
        }
    }
}

/// Random numbers that a seed brings back.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

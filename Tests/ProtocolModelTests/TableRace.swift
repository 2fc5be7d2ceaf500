import FaultPoints
import Foundation
import Lakehouse
import Partitions
import ProtocolModel
import TestSupport

/// Random calls of a real table and of its model, by several attempts, in the same order.
///
/// Everything happens on one thread. At a fault point a call may be abandoned, or others may be made before it goes on.
final class TableRace: @unchecked Sendable {
    /// What happens when a call comes to a fault point.
    private enum Turn { case abandon, others }

    /// A call that is under way.
    private struct Active {
        var call: TableCall
        let point: FaultPoint?
        let turn: Turn
        var hasTurned = false
    }

    private struct Abandoned: Error {}

    static let key = PartitionKey(granularity: .day, ordinal: 19_723)
    /// The last two have the same fence, as after a failover of the ledger.
    private static let fences: [Int64] = [11, 12, 13, 14, 14]
    static let writers = fences.enumerated().map { index, fence in
        Writer(fence: fence, claimID: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(index))))
    }

    private static let pointsOfBegin: [FaultPoint] = [
        .fenceInstalled, .floorSeen, .stagingRevoked, .begun, .exchangeSynced, .recordSettled,
    ]
    private static let pointsOfPublish = FaultPoint.table.filter {
        ![.fenceInstalled, .floorSeen, .stagingRevoked, .begun].contains($0)
    }

    private(set) var story: [String] = []
    private(set) var differences: [String] = []
    private(set) var reached: Set<FaultPoint> = []

    private let folder: TemporaryDirectory
    private let guards: Guards
    private var random: SeededRandom
    var disk = ModelDisk()
    private var active: [Active] = []
    private var stagings: [Int: Staging] = [:]
    /// The attempts that have staged in the model.
    private var hasStaged: Set<Int> = []
    private var foreignFiles = 0
    private var calls = 0
    var table: HiveTable?

    var root: String { folder.appending("orders") }
    var partition: String { root + "/order_date=2024-01-01" }

    init(seed: UInt64, guards: Guards = .all) throws {
        self.guards = guards
        // In memory: what is tested is the order of steps, not the disk.
        folder = try TemporaryDirectory(in: "/dev/shm")
        random = SeededRandom(seed: seed)
        for (index, fence) in Self.fences.enumerated() { disk.register(attempt: index, fence: Int(fence), key: 0) }
        table = try HiveTable(
            path: root, column: "order_date", faults: FaultInjector { [unowned self] in try reach($0) })
    }

    func run() throws {
        if random.percent(50) { try writeForeign() }
        for _ in 0..<(4 + random.below(12)) where differences.isEmpty { try makeCall(depth: 0) }
    }

    // MARK: What is done

    private func makeCall(depth: Int) throws {
        if random.percent(8) { return try writeForeign() }
        // Lower fences mostly come first.
        let writer = random.below(min(Self.writers.count, 2 + calls / 2))
        calls += 1
        // Two calls for one attempt at a time are kept apart by a lock, which the model has not.
        guard !active.contains(where: { $0.call.attempt == writer }) else { return }
        // A process begins once; again only where the first call was cut short.
        let functions: [TableCall.Function] = stagings[writer] == nil ? [.begin] : [.publish, .publish, .discard]
        let function = functions[random.below(functions.count)]
        var call = TableCall(function, attempt: writer, key: 0, guards: guards)
        call.slowListings = 0
        let points = function == .begin ? Self.pointsOfBegin : Self.pointsOfPublish
        let point = random.percent(60) ? points[random.below(points.count)] : nil
        let turn: Turn = depth < 2 && random.percent(70) ? .others : .abandon
        active.append(Active(call: call, point: point, turn: turn))
        tell("attempt \(writer): \(function)" + (point.map { ", at \($0): \(turn)" } ?? ""))
        let result = try callTable(function, writer)
        let ended = active.removeLast()
        compare(result, ended, writer)
    }

    /// The real call.
    ///
    /// - Returns: How it ended; nil where it was abandoned at a fault point.
    private func callTable(_ function: TableCall.Function, _ writer: Int) throws -> TableCall.Result? {
        guard let table else { return nil }
        do {
            switch function {
            case .begin:
                let staging = try table.begin(Self.key, writer: Self.writers[writer])
                if stagings[writer] == nil { try stage(staging, writer) }
                return .done
            case .publish:
                guard let staging = stagings[writer] else { return nil }
                if case .fenced = try table.publish(staging, rows: 3) { return .fenced }
                return .done
            case .discard:
                guard let staging = stagings[writer] else { return nil }
                try table.discard(staging)
                return .done
            case .current: return nil
            }
        } catch let error as TableError {
            return error.code == .fenced ? .fenced : .failed
        } catch is Abandoned {
            return nil
        }
    }

    private func stage(_ staging: Staging, _ writer: Int) throws {
        stagings[writer] = staging
        // Where others have revoked it meanwhile, there is no folder to write to.
        guard FileManager.default.fileExists(atPath: staging.directory) else { return }
        for number in 0..<ModelDisk.filesOfAttempt {
            try SmallParquet.write(to: "\(staging.directory)/data-\(number).parquet")
        }
    }

    private func writeForeign() throws {
        guard disk.perform(.foreignWrite, 0) == .done else { return }
        tell("another program writes a file")
        foreignFiles += 1
        try FileManager.default.createDirectory(atPath: partition, withIntermediateDirectories: true)
        try SmallParquet.write(to: "\(partition)/foreign-\(foreignFiles).parquet")
    }

    /// The real table is at a fault point; the model must come there too.
    private func reach(_ point: FaultPoint) throws {
        guard let top = active.indices.last, active[top].point == point, !active[top].hasTurned else { return }
        active[top].hasTurned = true
        reached.insert(point)
        guard advance(&active[top].call, to: point) else {
            return differ("the model does not come to \(point)")
        }
        compareNames("at \(point)")
        switch active[top].turn {
        case .abandon: throw Abandoned()
        case .others: for _ in 0..<(1 + random.below(3)) where differences.isEmpty { try makeCall(depth: active.count) }
        }
    }

    // MARK: What the model does

    /// Advances a call until it comes to a point; false where it ends before.
    private func advance(_ call: inout TableCall, to point: FaultPoint?) -> Bool {
        while call.result == .running {
            let before = call.step
            call.advance(&disk, guards, &random)
            if let point, isAt(point, call, after: before) { return true }
        }
        return point == nil
    }

    private func isAt(_ point: FaultPoint, _ call: TableCall, after step: TableCall.Step) -> Bool {
        let isBegin = call.function == .begin
        switch point {
        case .fenceInstalled: return step == .install
        case .floorSeen:
            return step == .beginLook && ([.openRevoked, .install].contains(call.step) || call.result == .done)
        case .stagingRevoked: return step == .takeAway && call.step == .openRevoked
        case .begun: return isBegin && call.result == .done
        case .filesNamed: return step == .nameFiles && call.step == .writeRecord
        case .recordWritten: return step == .writeRecord
        case .stagingSynced: return step == .syncFiles && call.step == .openVisible
        case .aboutToExchange: return (step == .lookBefore || step == .openVisible) && isExchange(call.step)
        case .exchanged: return call.exchangedFolder != nil
        case .exchangeVerified:
            return [.lookAfter, .create].contains(step) && [.syncRoot, .writeRecordLate].contains(call.step)
        case .exchangeSynced: return step == .syncStagings
        case .recordSettled: return step == .settleRecord
        case .replacedArchived: return call.function == .publish && step == .keepStaging && call.result == .done
        default: return false
        }
    }

    private func isExchange(_ step: TableCall.Step) -> Bool { step == .exchange || step == .create }

    // MARK: What is compared

    private func compare(_ result: TableCall.Result?, _ ended: Active, _ writer: Int) {
        guard differences.isEmpty else { return }
        var call = ended.call
        if ended.hasTurned, ended.turn == .abandon, result == nil {
            return compareNames("after attempt \(writer) was abandoned")
        }
        // A point that the real call has not come to, the model must not come to either.
        let isMissed = ended.point != nil && !ended.hasTurned && advance(&call, to: ended.point)
        if isMissed { return differ("the table does not come to \(ended.point.map { "\($0)" } ?? "")") }
        _ = advance(&call, to: nil)
        if call.function == .begin, call.result == .done { stageInModel(writer) }
        tell("attempt \(writer): \(call.result)")
        if call.result != result { differ("the table says \(result.map { "\($0)" } ?? "nothing")") }
        compareNames("after the call of attempt \(writer)")
    }

    private func stageInModel(_ writer: Int) {
        guard !hasStaged.contains(writer) else { return }
        hasStaged.insert(writer)
        for _ in 0..<ModelDisk.filesOfAttempt { _ = disk.perform(.stageFile, writer) }
    }

    private func tell(_ text: String) {
        story.append(String(repeating: "    ", count: max(0, active.count - 1)) + text)
    }

    func differ(_ text: String) {
        tell("DIFFERENT: " + text)
        differences.append(text)
    }
}

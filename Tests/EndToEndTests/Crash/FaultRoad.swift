import FaultPoints
import Testing

/// How a process is brought to a fault point.
struct FaultRoad: Sendable {
    /// What has to happen to the process from outside.
    enum Push: Sendable {
        case none
        /// The server ends its connections.
        case endedConnections
        /// Ctrl-C, twice.
        case interrupts
    }

    /// What a process finds at its start.
    enum Start: Sendable {
        case usual
        /// A ledger that does not exist yet.
        case emptyLedger
        /// What another process left that was killed at a point.
        case lostWorker(FaultPoint)
    }

    var start = Start.usual
    /// The point at which an error leads to the point.
    var error: FaultPoint?
    var pace = OrdersVersion.Pace.quick
    var push = Push.none
    var workers = 2
    /// The arrival at which a second process dies, when some partitions are done; nil where a process comes by once.
    var later: Int? = 3

    /// The value of `REPROCESS_FAULT` that ends or stops a process at an arrival.
    func fault(_ point: FaultPoint, _ action: String, arrival: Int) -> String {
        guard let error else { return "\(point.rawValue):\(action):\(arrival)" }
        return "\(error.rawValue):error:\(arrival),\(point.rawValue):\(action)"
    }
}

/// A fault point of a run over a table of one format.
struct FaultOnTable: Sendable, CustomTestStringConvertible {
    let format: TableFormat
    let point: FaultPoint

    var testDescription: String { "\(format): \(point)" }

    /// Every point over Hive directories; over a Delta table those of its own, and those that depend on what it holds.
    static let all =
        FaultPoint.hiveRun.map { FaultOnTable(format: .hive, point: $0) }
        + (FaultPoint.delta + [.adopting, .staged, .published, .recordSent]).map {
            FaultOnTable(format: .delta, point: $0)
        }
}

extension FaultPoint {
    /// The way to the point: without a default, so that a new point is a new case.
    var road: FaultRoad {
        switch self {
        case .migrating, .migrated: FaultRoad(start: .emptyLedger, later: nil)
        case .claimSent, .claimed: FaultRoad(later: 2)
        case .recordSent, .recorded: FaultRoad(workers: 1, later: 2)
        case .reconnecting: FaultRoad(pace: .paused, push: .endedConnections, later: 1)
        case .renewed: FaultRoad(pace: .paused, later: 2)
        case .runOpened, .closing, .closed: FaultRoad(later: nil)
        case .adopting: FaultRoad(start: .lostWorker(.published), later: nil)
        case .stagingRevoked: FaultRoad(start: .lostWorker(.staged), later: nil)
        case .failing, .failed: FaultRoad(error: .staged)
        case .discarding: FaultRoad(error: .stagingSynced)
        // Only attempts that are ready at the same moment come here; these are tested on the table itself.
        case .groupMade, .memberMarked, .groupJoined: FaultRoad(later: nil)
        // Only a longer log comes to these; they are tested on the table itself.
        case .checkpointWritten, .checkpointAdded, .checkpointNoted: FaultRoad(later: nil)
        // Only what is held, or decided about, comes to these; they have tests of their own.
        case .held, .heldSynced, .aboutToHold, .setAside, .heldDurable, .fileLinked, .heldDoomed, .taken, .restaged,
            .decided:
            FaultRoad(later: nil)
        // Only a job that is read in batches comes to these; they have tests of their own.
        case .batchSynced, .batchRecorded, .batchesTaken, .batchesForgotten: FaultRoad(later: nil)
        case .releasing, .released: FaultRoad(pace: .endless, push: .interrupts, later: nil)
        case .staging, .staged, .published, .fenceInstalled, .floorSeen, .begun, .filesNamed, .recordWritten,
            .stagingSynced, .aboutToExchange, .exchanged, .exchangeVerified, .exchangeSynced, .recordSettled,
            .replacedArchived:
            FaultRoad()
        // What is ready at the same time may be committed at the same time, so that fewer come by.
        case .filesMoved, .entryWritten, .aboutToCommit, .committed, .commitSynced, .attemptEnded: FaultRoad(later: 2)
        }
    }
}

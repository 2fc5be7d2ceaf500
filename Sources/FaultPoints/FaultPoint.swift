/// A place in the program at which a test can kill, stop or fail it.
///
/// The names are what `REPROCESS_FAULT` takes. Only debug builds have fault points.
package enum FaultPoint: String, Sendable, Hashable, CaseIterable {
    // The ledger.

    /// The steps of a migration are done; its transaction is not committed.
    case migrating
    /// The migration is committed; nothing has been done with the ledger.
    case migrated
    /// A claim is on its way to the database; its answer has not been read.
    case claimSent
    /// The record of published partitions is on its way to the database; its answer has not been read.
    case recordSent
    /// A connection was lost, and the next one is about to be made.
    case reconnecting

    // The controller, in order.

    /// The ledger has the run; nothing is claimed.
    case runOpened
    /// The ledger has answered a heartbeat; this process has not taken note of it.
    case renewed
    /// The ledger has granted a claim; nothing has been done with it.
    case claimed
    /// A lost worker's generation was found whole; it is about to be recorded as this attempt's.
    case adopting
    /// The engine has written a file, of which the attempt does not know yet.
    case staging
    /// All is staged and checked; whether the lease can be trusted has not been asked.
    case staged
    /// The ledger says HELD; this process has not taken note of it.
    case held
    /// The table holds the new generation; the ledger does not know.
    case published
    /// The ledger says COMPLETE; this process has not taken note of it.
    case recorded
    /// An attempt has failed; the ledger does not know.
    case failing
    /// The ledger knows that an attempt has failed; this process has not taken note of it.
    case failed
    /// The run is being stopped; the ledger does not know that its claims are given back.
    case releasing
    /// The claims are given back.
    case released
    /// Nothing is left to do; the ledger does not know how the run ended.
    case closing
    /// The ledger knows how the run ended; the process goes on to its own end.
    case closed

    // A decision about what is held, or an undo, in order; its publish and its record have the points above.

    /// The ledger has granted the partition to whoever decides; nothing has been done with it.
    case taken
    /// What is to be published is staged again.
    case restaged
    /// The decision is recorded; what was held is still there.
    case decided

    // A partition that is read in batches, in order, between its `begin` and `staged`.

    /// The files of a finished batch are on the disk, where nobody takes them away; the ledger does not know.
    case batchSynced
    /// The ledger knows of a finished batch; this process has not taken note of it.
    case batchRecorded
    /// All batches are in the staging folder again; nothing has judged them.
    case batchesTaken
    /// The ledger says COMPLETE, and has forgotten the batches; their files are still there.
    case batchesForgotten

    // A table's `begin`, in order.

    /// The attempt's staging folder exists; nobody else has been looked for.
    case fenceInstalled
    /// The other attempts have been seen; none of a lower fence is revoked yet.
    case floorSeen
    /// A staging of a lower fence has lost its name; its contents are not sorted yet.
    case stagingRevoked
    /// The staging is about to be handed to the caller.
    case begun

    // A table's `publish`, in order.

    /// The staged files have their final names.
    case filesNamed
    /// The record says that a publish is under way.
    case recordWritten
    /// The staged files and their folder are on the disk.
    case stagingSynced
    /// Nothing is left to do but the exchange.
    case aboutToExchange
    /// Readers see the new generation; it is not on the disk yet.
    case exchanged
    /// What was swapped out is what was expected.
    case exchangeVerified
    /// The exchange is on the disk.
    case exchangeSynced
    /// The record says that the generation was published.
    case recordSettled
    /// The replaced generation has been put away.
    case replacedArchived

    // A table's `discard`.

    /// The staging has no record any more; its files are still there.
    case discarding

    // A table's `hold`, in order.

    /// The staged files are on the disk; the staging still has its name.
    case heldSynced
    /// Nothing is left to do but the rename that sets the staging aside.
    case aboutToHold
    /// The staging is set aside; that is not on the disk yet.
    case setAside
    /// What is held is on the disk; the attempt may still have names of its own.
    case heldDurable

    // A table's `stageHeld` and `stageReplaced`, and its `dropHeld`.

    /// One file was linked into the staging; others may be missing.
    case fileLinked
    /// What was held has lost its name; its files are still there.
    case heldDoomed

    // A Delta table's `publish`, in order; its `begin` has the points above.

    /// The data files are in the table's folder and on the disk; no log entry names them.
    case filesMoved
    /// The log entry is written and on the disk, where no reader looks.
    case entryWritten
    /// Nothing is left to do but the rename into the log.
    case aboutToCommit
    /// Readers see the new version; its name is not on the disk yet.
    case committed
    /// The name is on the disk.
    case commitSynced
    /// The attempt has said that it has ended.
    case attemptEnded

    // Where several attempts of one process commit at once; `entryWritten` to `commitSynced` are then the group's.

    /// The group's file exists; nobody has joined.
    case groupMade
    /// One member is marked; whether it still has its name has not been asked.
    case memberMarked
    /// All members have joined; the group's entry is not written.
    case groupJoined

    // A Delta table's checkpoint, in order, after its `publish` has come to its end.

    /// The checkpoint is complete and on the disk, where no reader looks.
    case checkpointWritten
    /// Readers find the checkpoint; `_last_checkpoint` does not tell of it.
    case checkpointAdded
    /// `_last_checkpoint` tells of it.
    case checkpointNoted

    /// The points of the ledger.
    package static let ledger: [FaultPoint] = [.migrating, .migrated, .claimSent, .recordSent, .reconnecting]
    /// The points of the controller.
    package static let controller: [FaultPoint] = [
        .runOpened, .renewed, .claimed, .adopting, .staging, .staged, .held, .published, .recorded, .failing, .failed,
        .releasing, .released, .closing, .closed,
    ]
    /// The points of an approval, a rejection or an undo.
    package static let decision: [FaultPoint] = [.taken, .restaged, .decided]
    /// The points of a partition that is read in batches.
    package static let batches: [FaultPoint] = [.batchSynced, .batchRecorded, .batchesTaken, .batchesForgotten]
    /// The points of a table's `discard`.
    package static let discard: [FaultPoint] = [.discarding]
    /// The points of a table's `hold`.
    package static let hold: [FaultPoint] = [.heldSynced, .aboutToHold, .setAside, .heldDurable]
    /// The points of what follows a hold, or an undo: `stageHeld` and `stageReplaced`, and `dropHeld`.
    package static let deciding: [FaultPoint] = [.fileLinked, .heldDoomed]
    /// The points of a table's `begin`.
    package static let begin: [FaultPoint] = [.fenceInstalled, .floorSeen, .stagingRevoked, .begun]
    /// The points of a Delta table's `publish`.
    package static let deltaPublish: [FaultPoint] = [
        .filesMoved, .entryWritten, .aboutToCommit, .committed, .commitSynced, .attemptEnded,
    ]
    /// The points of a Delta table that only a group comes to.
    package static let deltaGroup: [FaultPoint] = [.groupMade, .memberMarked, .groupJoined]
    /// The points of a Delta table's checkpoint.
    package static let deltaCheckpoint: [FaultPoint] = [.checkpointWritten, .checkpointAdded, .checkpointNoted]
    /// The points of a Delta table, of one attempt alone.
    package static let delta = begin + deltaPublish
    private static let deltaAlone = deltaPublish + deltaGroup + deltaCheckpoint
    /// The points of a table of Hive directories: its `begin` and `publish`.
    package static let table = allCases.filter {
        !(ledger + controller + batches + decision + discard + hold + deciding + deltaAlone).contains($0)
    }
    /// The points that a run over a table of Hive directories can come to where nothing is held.
    package static let hiveRun = allCases.filter {
        !([.held] + batches + decision + hold + deciding + deltaAlone).contains($0)
    }
}

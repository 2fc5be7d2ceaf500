/// A place in the program at which a test can kill, stop or fail it.
///
/// The names are what `REPROCESS_FAULT` takes. Only debug builds have fault points.
package enum FaultPoint: String, Sendable, Hashable, CaseIterable {
    // The ledger.

    /// The steps of a migration are done; its transaction is not committed.
    case migrating
    /// A connection was lost, and the next one is about to be made.
    case reconnecting

    // The controller, in order.

    /// The ledger has granted a claim; nothing has been done with it.
    case claimed
    /// The engine has written a file, of which the attempt does not know yet.
    case staging
    /// All is staged and checked; whether the lease can be trusted has not been asked.
    case staged
    /// The table holds the new generation; the ledger does not know.
    case published
    /// The ledger says COMPLETE; this process has not taken note of it.
    case recorded

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

    /// The points of the ledger.
    package static let ledger: [FaultPoint] = [.migrating, .reconnecting]
    /// The points of the controller.
    package static let controller: [FaultPoint] = [.claimed, .staging, .staged, .published, .recorded]
    /// The points of a table's `begin`.
    package static let begin: [FaultPoint] = [.fenceInstalled, .floorSeen, .stagingRevoked, .begun]
    /// The points of a Delta table's `publish`.
    package static let deltaPublish: [FaultPoint] = [
        .filesMoved, .entryWritten, .aboutToCommit, .committed, .commitSynced, .attemptEnded,
    ]
    /// The points of a Delta table.
    package static let delta = begin + deltaPublish
    /// The points of a table of Hive directories.
    package static let table = allCases.filter {
        !ledger.contains($0) && !controller.contains($0) && !deltaPublish.contains($0)
    }
}

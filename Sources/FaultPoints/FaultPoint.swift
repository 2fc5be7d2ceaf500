/// A place in the program at which a test can kill, stop or fail it.
///
/// The names are what `REPROCESS_FAULT` takes. Only debug builds have fault points.
package enum FaultPoint: String, Sendable, Hashable, CaseIterable {
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
}

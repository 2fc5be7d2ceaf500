/// The guards of the protocol, each of which can be taken out of the model.
///
/// Not `contains`: in the innermost loop of a debug build a generic call costs more than the rest of a step.
package struct Guards: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    // The ledger.

    /// A mark names the fence of its attempt, and changes only a row that has it.
    package static let fenceInMarks = Guards(rawValue: 1 << 0)
    /// A mark names the random id of its claim, and changes only a row that has it.
    package static let claimIDInMarks = Guards(rawValue: 1 << 1)
    /// A plan does not reopen what was claimed after it was made.
    package static let planFence = Guards(rawValue: 1 << 2)
    /// A takeover gives the partition a new fence.
    package static let newFenceOnTakeover = Guards(rawValue: 1 << 3)
    /// Only a claim whose lease has ended is taken over.
    package static let leaseInClaim = Guards(rawValue: 1 << 4)
    /// A partition of a table that another job has a live claim of is not granted.
    package static let oneClaimPerTablePartition = Guards(rawValue: 1 << 5)
    /// A mark changes only a row that is RUNNING.
    package static let runningInMarks = Guards(rawValue: 1 << 6)

    // The table.

    /// `begin` refuses an attempt where a higher fence has been.
    package static let lookInBegin = Guards(rawValue: 1 << 7)
    /// `publish` looks for higher fences once more.
    package static let lookInPublish = Guards(rawValue: 1 << 8)
    /// `begin` looks only after its own name is there.
    package static let installBeforeLook = Guards(rawValue: 1 << 9)
    /// `begin` takes the stagings of lower fences away.
    package static let revocation = Guards(rawValue: 1 << 10)
    /// The record of a publish is written before the exchange.
    package static let recordBeforeExchange = Guards(rawValue: 1 << 11)
    /// The files have their published names before the record is written.
    package static let namesBeforeRecord = Guards(rawValue: 1 << 12)
    /// The record of what was never published is removed before its files are.
    package static let recordRemovedFirst = Guards(rawValue: 1 << 13)
    /// What came out of an exchange is compared with what was looked at before.
    package static let verifyWhatCameOut = Guards(rawValue: 1 << 14)
    /// The staged files are on the disk before the exchange.
    package static let syncBeforeExchange = Guards(rawValue: 1 << 15)
    /// The exchange is on the disk before anybody says COMPLETE.
    package static let syncBeforeComplete = Guards(rawValue: 1 << 16)

    /// A revoked folder without files is not taken for what an exchange swapped out.
    package static let emptyFolderTellsNothing = Guards(rawValue: 1 << 21)

    /// A record that one listing does not show is looked for in a second one before files are removed.
    package static let secondListing = Guards(rawValue: 1 << 22)
    /// Whoever wrote what is visible counts as unsettled unless its record is known to be settled.
    package static let visibleIsUnsettled = Guards(rawValue: 1 << 23)

    /// Whether there is a record is found out before the folder is looked into that it is about.
    package static let recordBeforeContents = Guards(rawValue: 1 << 25)

    // The worker.

    /// A successor adopts what a lost attempt has published.
    package static let adoption = Guards(rawValue: 1 << 17)
    /// A successor looks for something to adopt only after `begin`.
    package static let adoptionAfterBegin = Guards(rawValue: 1 << 18)
    /// Only the work of a lost attempt is adopted, and only if nothing but lost, released or failed ones came after it.
    package static let adoptionChecksHistory = Guards(rawValue: 1 << 19)
    /// What was published before the partition was reopened is not adopted afterwards.
    package static let adoptionEndsAtReopening = Guards(rawValue: 1 << 24)
    /// An attempt whose lease cannot be trusted waits for the ledger before it publishes.
    package static let leaseTrust = Guards(rawValue: 1 << 20)

    /// All of them: the protocol as it is.
    package static let all = Guards(rawValue: 1 << 26 - 1)

    /// Whether a guard is there.
    package func has(_ guardOfInterest: Guards) -> Bool {
        rawValue & guardOfInterest.rawValue != 0
    }
}

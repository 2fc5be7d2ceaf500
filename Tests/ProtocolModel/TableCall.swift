/// One call of a table by one attempt, a system call at a time.
///
/// It follows `HiveTable+Begin`, `+Revoke`, `+Exchange`, `+Publish` and `+Discard`, with their names. Between two steps
/// anything may happen to the disk. What a step has read is kept here and may be stale by the next one.
package struct TableCall {
    /// Which function it is.
    package enum Function { case begin, publish, discard, current }

    /// How it ended.
    package enum Result: Equatable {
        case running
        /// Begun, published, discarded or read.
        case done
        /// A higher fence has been here; nothing was changed.
        case fenced
        /// It threw, with the outcome unknown or nothing published.
        case failed
    }

    /// The system call that comes next.
    package enum Step {
        // begin
        case install, beginListing, beginLook, withdraw, chooseLower
        case openRevoked, listRevoked, listRevokedAgain, lookIntoRevoked, takeAway
        case readRecordOfLower, lookAfterLower, removeLoneRecord
        case removeRecordOfRevoked, removeFilesOfRevoked, removeRevoked, keepRevoked
        // publish
        case openStaging, publishListing, publishLook, checkFiles, nameFiles, writeRecord, syncFiles
        case openVisible, lookAtOurs, lookBefore, exchange, create, statusOfCameOut, lookAfter
        case takeBackLook, takeBack, takeBackSync, writeRecordLate
        case absentListing, absentLook, removeOwnRecord
        case ownRecord, keepStaging, confirmVisible
        // finish, wherever it is called from
        case syncRoot, syncStagings, settleRecord
        // discard
        case openDiscarded, recordOfDiscarded, removeDiscardedRecord, removeDiscardedFiles
        // current
        case currentLook, currentRecord
    }

    /// Where a subroutine returns to.
    enum Continuation { case keepRevoked, chooseLower, archiveStaging, ownArchive, discardArchive }

    package let function: Function
    package let attempt: Int
    package let key: Int
    /// The attempt as a set.
    let bit: UInt64
    package internal(set) var step: Step
    package internal(set) var result = Result.running
    /// Of `current`: the attempt that wrote what is visible, if it is one of ours.
    package internal(set) var seenWriter: Int?
    /// The exchange was made by this very step, and found this folder in its place.
    package internal(set) var exchangedFolder: Int?
    /// Foreign files were seen in the replaced folder when it was looked at before the exchange.
    package internal(set) var foreignBefore = 0

    /// How many of a hundred listings take so long that something may happen meanwhile.
    package var slowListings = 20
    var listing = Listing()
    /// A listing is open since these names were there.
    package internal(set) var isListing = false
    /// The attempt that is being revoked, and those still to come.
    var lower = 0
    var remainingLower: UInt64 = 0
    /// The folder that is held open.
    var handle = ModelDisk.none
    var hadOwnFiles = false
    var tellsOfPublish = false
    var hadRecord = false
    var isRecordSettled = false
    var old = ModelDisk.none
    var ours = ModelDisk.none
    /// The attempt whose publish is brought to an end.
    var finished = 0
    var continuation = Continuation.chooseLower
    /// Whether the revoked folder is opened for the second time.
    var wasTakenAway = false
    /// How far the call is past the exchange; what comes then cannot be undone.
    package internal(set) var hasExchanged = false

    /// Begins a call.
    package init(_ function: Function, attempt: Int, key: Int, guards: Guards) {
        self.function = function
        self.attempt = attempt
        self.key = key
        bit = 1 &<< UInt64(attempt)
        switch function {
        case .begin: step = guards.has(.installBeforeLook) ? .install : .beginListing
        case .publish: step = .openStaging
        case .discard: step = .openDiscarded
        case .current: step = .currentLook
        }
    }

    /// Makes the next system call.
    package mutating func advance(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        exchangedFolder = nil
        switch function {
        case .begin: advanceBegin(&disk, guards, &random)
        case .publish: advancePublish(&disk, guards, &random)
        case .discard: advanceDiscard(&disk, guards, &random)
        case .current: advanceCurrent(&disk, &random)
        }
    }

    mutating func end(_ result: Result) {
        self.result = result
    }

    /// Lists the staging folder; false while the listing is still going on.
    mutating func list(_ disk: inout ModelDisk, _ random: inout SeededRandom) -> Bool {
        if isListing {
            isListing = false
            listing = listing.until(disk.names[key], &random)
            return true
        }
        listing = Listing(disk.names[key])
        // Most listings are over before anything else happens.
        isListing = random.percent(slowListings)
        return !isListing
    }

    /// The attempts other than this one that the listing and a folder tell of, and what they mean: the verdict.
    mutating func isFenced(_ disk: inout ModelDisk, visible: Int) -> Verdict {
        var others = listing.writers
        if visible != ModelDisk.none, disk.folders[visible].named > 0 { others |= 1 &<< UInt64(visible - 1) }
        others &= ~bit
        let own = disk.fences[attempt]
        var verdict = Verdict.highest
        while others != 0 {
            let other = others.trailingZeroBitCount
            others &= others &- 1
            if disk.fences[other] > own { return .fenced }
            if disk.fences[other] == own { verdict = .fenceTaken }
        }
        return verdict
    }

    enum Verdict { case highest, fenced, fenceTaken }
}

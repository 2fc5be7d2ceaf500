/// `revoke`: take a lower fence's staging away, and settle what it left.
extension TableCall {
    mutating func advanceRevocation(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        let lowerBit: UInt64 = 1 &<< UInt64(lower)
        switch step {
        case .openRevoked:
            guard disk.names[key].revoked & lowerBit != 0 else { return afterSettledFolder(guards) }
            handle = Int(disk.revokedFolder[lower])
            if !guards.has(.recordBeforeContents) { lookIntoRevoked(&disk, guards) }
            step = .listRevoked
        case .listRevoked:
            guard list(&disk, &random) else { return }
            // A record that is settled during a listing may be missing in it, but not in the next.
            step = listing.hasRecord(lower) || !guards.has(.secondListing) ? .lookIntoRevoked : .listRevokedAgain
        case .listRevokedAgain:
            guard list(&disk, &random) else { return }
            step = .lookIntoRevoked
        case .lookIntoRevoked:
            if guards.has(.recordBeforeContents) { lookIntoRevoked(&disk, guards) }
            judgeRevoked(guards)
        case .takeAway:
            switch disk.perform(.revoke, lower) {
            case .done:
                wasTakenAway = true
                step = .openRevoked
            case .missing: step = .readRecordOfLower
            default: end(.failed)
            }
        case .readRecordOfLower:
            guard list(&disk, &random) else { return }
            guard listing.hasRecord(lower), !listing.isSettled(lower) else { return chooseLower(&disk) }
            isRecordSettled = false
            step = .lookAfterLower
        case .lookAfterLower:
            let visible = disk.names[key].visible
            if disk.hasFiles(of: lower, in: visible) {
                finish(lower, then: .chooseLower, guards, &disk)
            } else {
                step = .removeLoneRecord
            }
        case .removeLoneRecord:
            removeRecord(of: lower, &disk)
            chooseLower(&disk)
        default: advanceRemoval(&disk, guards)
        }
    }

    private mutating func lookIntoRevoked(_ disk: inout ModelDisk, _ guards: Guards) {
        hadOwnFiles = disk.hasFiles(of: lower, in: handle)
        // An empty folder tells nothing, and the record is not judged by it.
        tellsOfPublish = !disk.isEmpty(handle) || !guards.has(.emptyFolderTellsNothing)
    }

    /// It is what the attempt staged, or what its exchange swapped out.
    private mutating func judgeRevoked(_ guards: Guards) {
        hadRecord = listing.hasRecord(lower) && tellsOfPublish
        isRecordSettled = listing.isSettled(lower)
        if hadRecord, !hadOwnFiles {
            beginFinish(lower, then: .keepRevoked, guards)
        } else if hadRecord, guards.has(.recordRemovedFirst) {
            step = .removeRecordOfRevoked
        } else {
            step = .removeFilesOfRevoked
        }
    }

    private mutating func afterSettledFolder(_ guards: Guards) {
        if wasTakenAway || !guards.has(.revocation) {
            step = .readRecordOfLower
        } else {
            step = .takeAway
        }
    }

    private mutating func advanceRemoval(_ disk: inout ModelDisk, _ guards: Guards) {
        switch step {
        case .removeRecordOfRevoked:
            removeRecord(of: lower, &disk)
            if guards.has(.recordRemovedFirst) { step = .removeFilesOfRevoked } else { afterSettledFolder(guards) }
        case .removeFilesOfRevoked:
            // File by file; another attempt may be at the same.
            if disk.perform(.removeFileOfRevoked, lower) != .done { step = .removeRevoked }
        case .removeRevoked:
            _ = disk.perform(.removeRevoked, lower)
            if hadRecord, !guards.has(.recordRemovedFirst) {
                step = .removeRecordOfRevoked
            } else {
                afterSettledFolder(guards)
            }
        case .keepRevoked:
            if disk.perform(.keepRevoked, lower) == .exists { return end(.failed) }
            afterSettledFolder(guards)
        default: advanceFinish(&disk, guards)
        }
    }

    /// Removes the record that was read, which has another name once it is settled.
    mutating func removeRecord(of writer: Int, _ disk: inout ModelDisk) {
        if !isRecordSettled { _ = disk.perform(.removeRecord, writer) }
    }

    /// Brings an exchange that has happened to the disk, and says so in the record.
    mutating func finish(
        _ writer: Int, then continuation: Continuation, _ guards: Guards, _ disk: inout ModelDisk
    ) {
        beginFinish(writer, then: continuation, guards)
        if step == .chooseLower { chooseLower(&disk) }
    }

    mutating func beginFinish(_ writer: Int, then continuation: Continuation, _ guards: Guards) {
        finished = writer
        self.continuation = continuation
        if isRecordSettled {
            afterFinish()
        } else {
            step = guards.has(.syncBeforeComplete) ? .syncRoot : .settleRecord
        }
    }

    mutating func advanceFinish(_ disk: inout ModelDisk, _ guards: Guards) {
        switch step {
        case .syncRoot:
            disk.syncRoot()
            step = .syncStagings
        case .syncStagings:
            disk.syncStagings(key)
            step = .settleRecord
        default:
            // It may have gone: an attempt with a higher fence settles the same record.
            _ = disk.perform(.settleRecord, finished)
            afterFinish()
        }
    }

    private mutating func afterFinish() {
        switch continuation {
        case .keepRevoked: step = .keepRevoked
        case .chooseLower: step = .chooseLower
        case .archiveStaging, .ownArchive, .discardArchive: step = .keepStaging
        }
    }
}

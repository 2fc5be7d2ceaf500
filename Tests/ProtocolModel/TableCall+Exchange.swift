/// The exchange, and what follows it.
extension TableCall {
    mutating func advanceExchange(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        switch step {
        case .openVisible:
            old = disk.names[key].visible
            step = old == ModelDisk.none ? .create : .lookAtOurs
        case .lookAtOurs:
            guard disk.names[key].staging & bit != 0 else { return step = .absentListing }
            ours = Int(disk.stagingFolder[attempt])
            step = .lookBefore
        case .lookBefore:
            foreignBefore = Int(disk.folders[old].foreign)
            step = .exchange
        case .exchange, .create: exchange(&disk, guards)
        case .statusOfCameOut:
            guard guards.has(.verifyWhatCameOut) else { return finishOwn(guards) }
            hadOwnFiles = true
            if disk.names[key].staging & bit != 0, Int(disk.stagingFolder[attempt]) != old { hadOwnFiles = false }
            step = .lookAfter
        case .lookAfter:
            let isUnchanged = hadOwnFiles && Int(disk.folders[old].foreign) == foreignBefore
            if isUnchanged { finishOwn(guards) } else { step = .takeBackLook }
        case .writeRecordLate:
            _ = disk.perform(.touchRecord, attempt)
            beginFinish(attempt, then: .archiveStaging, guards)
        default: advanceAfterExchange(&disk, guards, &random)
        }
    }

    private mutating func exchange(_ disk: inout ModelDisk, _ guards: Guards) {
        let replaced = disk.names[key].visible
        let isNew = step == .create
        switch disk.perform(isNew ? .create : .exchange, attempt) {
        case .done:
            exchangedFolder = replaced
            hasExchanged = true
            if isNew { finishOwn(guards) } else { step = .statusOfCameOut }
        case .missing where disk.names[key].staging & bit == 0: step = .absentListing
        default: end(.failed)
        }
    }

    private mutating func finishOwn(_ guards: Guards) {
        isRecordSettled = false
        if guards.has(.recordBeforeExchange) {
            beginFinish(attempt, then: .archiveStaging, guards)
        } else {
            step = .writeRecordLate
        }
    }

    private mutating func advanceAfterExchange(
        _ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom
    ) {
        switch step {
        case .takeBackLook:
            if disk.names[key].visible == ours { step = .takeBack } else { end(.failed) }
        case .takeBack:
            if disk.perform(.exchangeBack, attempt) != .done { return end(.failed) }
            step = .takeBackSync
        case .takeBackSync:
            disk.syncRoot()
            disk.syncStagings(key)
            end(.failed)
        case .ownRecord:
            guard list(&disk, &random) else { return }
            hadRecord = listing.hasRecord(attempt)
            isRecordSettled = listing.isSettled(attempt)
            if hadRecord { beginFinish(attempt, then: .ownArchive, guards) } else { step = .keepStaging }
            if !hadRecord { continuation = .ownArchive }
        case .keepStaging:
            if disk.perform(.keepStaging, attempt) == .exists { return end(.failed) }
            if continuation == .ownArchive { step = .confirmVisible } else { end(.done) }
        case .confirmVisible: end(disk.visibleWriter(key) == attempt ? .done : .failed)
        case .syncRoot, .syncStagings, .settleRecord: advanceFinish(&disk, guards)
        default: advanceAbsent(&disk, &random)
        }
    }
}

/// `publish`, up to the exchange.
extension TableCall {
    mutating func advancePublish(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        switch step {
        case .openStaging:
            guard disk.names[key].staging & bit != 0 else { return step = .absentListing }
            handle = Int(disk.stagingFolder[attempt])
            hadOwnFiles = disk.hasFiles(of: attempt, in: handle)
            step = .publishListing
        case .publishListing:
            if list(&disk, &random) { step = .publishLook }
        case .publishLook: look(&disk, guards)
        case .checkFiles:
            guard disk.names[key].staging & bit != 0, !disk.isEmpty(handle) else { return end(.failed) }
            step = guards.has(.namesBeforeRecord) ? .nameFiles : .writeRecord
        case .nameFiles: nameFile(&disk, guards)
        case .writeRecord: writeRecord(&disk, guards)
        case .syncFiles:
            guard guards.has(.syncBeforeExchange) else { return step = .openVisible }
            step = disk.syncStaged(attempt) == .done ? .openVisible : .absentListing
        default: advanceExchange(&disk, guards, &random)
        }
    }

    private mutating func look(_ disk: inout ModelDisk, _ guards: Guards) {
        let visible = disk.names[key].visible
        hadRecord = listing.hasRecord(attempt)
        if disk.soleWriter(of: visible) == attempt { return step = .ownRecord }
        if guards.has(.lookInPublish), isFenced(&disk, visible: visible) == .fenced { return end(.fenced) }
        if hadRecord, !hadOwnFiles { return end(.failed) }
        step = .checkFiles
    }

    private mutating func nameFile(_ disk: inout ModelDisk, _ guards: Guards) {
        if disk.folders[handle].staged > 0, disk.perform(.nameFile, attempt) == .missing {
            return step = .absentListing
        }
        if disk.folders[handle].staged == 0 { step = guards.has(.namesBeforeRecord) ? .writeRecord : .syncFiles }
    }

    private mutating func writeRecord(_ disk: inout ModelDisk, _ guards: Guards) {
        if guards.has(.recordBeforeExchange) { _ = disk.perform(.touchRecord, attempt) }
        step = guards.has(.namesBeforeRecord) ? .syncFiles : .nameFiles
    }

    /// What there is to say where the staging has gone: published as a new partition, or revoked.
    mutating func advanceAbsent(_ disk: inout ModelDisk, _ random: inout SeededRandom) {
        switch step {
        case .absentListing:
            if list(&disk, &random) { step = .absentLook }
        case .absentLook:
            let visible = disk.names[key].visible
            if disk.soleWriter(of: visible) == attempt { return step = .ownRecord }
            guard isFenced(&disk, visible: visible) == .fenced else { return end(.failed) }
            let isJudged = listing.revoked & bit == 0
            isRecordSettled = listing.isSettled(attempt)
            if isJudged, listing.hasRecord(attempt), !isRecordSettled {
                step = .removeOwnRecord
            } else {
                end(.fenced)
            }
        default:
            removeRecord(of: attempt, &disk)
            end(.fenced)
        }
    }
}

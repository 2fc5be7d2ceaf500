/// `discard` and `current`.
extension TableCall {
    mutating func advanceDiscard(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        switch step {
        case .openDiscarded:
            guard disk.names[key].staging & bit != 0 else { return end(.done) }
            handle = Int(disk.stagingFolder[attempt])
            step = .recordOfDiscarded
        case .recordOfDiscarded:
            // The record is read before the folder, which only this attempt fills.
            guard list(&disk, &random) else { return }
            hadRecord = listing.hasRecord(attempt)
            isRecordSettled = listing.isSettled(attempt)
            hadOwnFiles = disk.hasFiles(of: attempt, in: handle)
            if hadRecord, !hadOwnFiles {
                beginFinish(attempt, then: .discardArchive, guards)
            } else {
                step = hadRecord && !isRecordSettled ? .removeDiscardedRecord : .removeDiscardedFiles
            }
        case .removeDiscardedRecord:
            removeRecord(of: attempt, &disk)
            step = .removeDiscardedFiles
        case .removeDiscardedFiles:
            // By path and name: a folder that has come to this name meanwhile has no such files.
            let isThere = disk.names[key].staging & bit != 0 && Int(disk.stagingFolder[attempt]) == handle
            if !isThere || disk.perform(.removeFileOfStaging, attempt) != .done { end(.done) }
        case .keepStaging: end(disk.perform(.keepStaging, attempt) == .exists ? .failed : .done)
        default: advanceFinish(&disk, guards)
        }
    }

    mutating func advanceCurrent(_ disk: inout ModelDisk, _ random: inout SeededRandom) {
        switch step {
        case .currentLook:
            seenWriter = disk.visibleWriter(key)
            step = .currentRecord
            if seenWriter == nil { end(.done) }
        default:
            // The record tells how many files there must be; every generation of the model is whole.
            if list(&disk, &random) { end(.done) }
        }
    }
}

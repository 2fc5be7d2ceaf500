/// The invariants of the table, after each system call.
extension Simulation {
    mutating func checkTable(_ call: TableCall, after step: TableCall.Step) {
        if let replaced = call.exchangedFolder { checkExchange(call, replaced) }
        switch step {
        case .removeFilesOfRevoked, .removeDiscardedFiles:
            if disk.folders[call.handle].wasVisible, disk.folders[call.handle].wasEmptied {
                violate(.replacedIsKept, "folder \(call.handle) was visible, and loses its files")
            }
        case .keepRevoked, .keepStaging: checkKept(step == .keepRevoked ? call.lower : call.attempt)
        case .takeBack: tally.takenBack += 1
        default: break
        }
        guard call.result == .done else { return }
        if call.function == .begin {
            let fence = disk.fences[call.attempt]
            if fence > oracle.begunFence[call.key] { oracle.begunFence[call.key] = fence }
        }
        if call.function == .publish, call.hasExchanged, call.old != ModelDisk.none,
            Int(disk.folders[call.old].foreign) != call.foreignBefore
        {
            violate(.foreignIsNotLost, "attempt \(call.attempt) replaced a file that it had not seen")
        }
    }

    private mutating func checkExchange(_ call: TableCall, _ replaced: Int) {
        if isTracing { note("attempt \(call.attempt) is visible now, instead of folder \(replaced)") }
        let attempt = call.attempt
        let visible = disk.names[call.key].visible
        let contents = disk.folders[visible]
        if visible != ModelDisk.folder(of: attempt) || contents.staged > 0
            || contents.named != ModelDisk.filesOfAttempt || contents.isTorn
        {
            violate(.generationIsWhole, "attempt \(attempt) made folder \(visible) visible")
        }
        if oracle.begunFence[call.key] > disk.fences[attempt] {
            violate(
                .higherFenceStays,
                "attempt \(attempt), fence \(disk.fences[attempt]), after fence \(oracle.begunFence[call.key])")
        }
        let other = replaced - 1
        // A generation with files of another program in it is not taken for the lost attempt's.
        if replaced > ModelDisk.none, replaced <= ModelDisk.capacity, disk.folders[replaced].foreign == 0,
            !disk.folders[replaced].isTorn, ledger.attempts[attempt].isKnown, ledger.mayAdopt(other, for: attempt)
        {
            violate(.executedOnce, "attempt \(attempt) replaces what attempt \(other) published and could not record")
        }
    }

    private mutating func checkKept(_ attempt: Int) {
        let kept = Int(disk.previousFolder[attempt])
        if kept != ModelDisk.none, !disk.folders[kept].wasVisible {
            violate(.replacedIsKept, "folder \(kept) is kept, but was never visible")
        }
    }

    mutating func checkAfterPowerCut() {
        // Nobody is left who could have begun with them.
        oracle.begunFence = InlineArray(repeating: 0)
        var key = 0
        while key < scenario.keys {
            let visible = disk.names[key].visible
            if disk.folders[visible].isTorn { violate(.generationIsWhole, "folder \(visible) is torn") }
            key += 1
        }
        var row = 0
        while row < 6 {
            if oracle.generation[row] >= 0 { checkSurvived(row) }
            row += 1
        }
    }

    private mutating func checkSurvived(_ row: Int) {
        guard violation == nil else { return }
        checkHolds(oracle.generation[row], key: row % ModelDisk.keys)
        if violation == .completeMeansPublished { violation = .completeMeansDurable }
    }
}

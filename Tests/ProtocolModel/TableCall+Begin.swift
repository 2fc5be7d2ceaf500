/// `begin`: install, look, revoke.
extension TableCall {
    mutating func advanceBegin(_ disk: inout ModelDisk, _ guards: Guards, _ random: inout SeededRandom) {
        switch step {
        case .install:
            // It exists where the same attempt begins a second time.
            _ = disk.perform(.makeStaging, attempt)
            if guards.has(.installBeforeLook) {
                step = .beginListing
            } else {
                chooseRevocations(&disk, guards)
            }
        case .beginListing:
            if list(&disk, &random) { step = .beginLook }
        case .beginLook: look(&disk, guards)
        case .withdraw:
            _ = disk.perform(.removeEmptyStaging, attempt)
            end(hadRecord ? .failed : .fenced)
        case .chooseLower: chooseLower(&disk)
        default: advanceRevocation(&disk, guards, &random)
        }
    }

    private mutating func look(_ disk: inout ModelDisk, _ guards: Guards) {
        let visible = disk.names[key].visible
        let verdict = guards.has(.lookInBegin) ? isFenced(&disk, visible: visible) : .highest
        let hasPublished = disk.hasFiles(of: attempt, in: visible) || listing.isSettled(attempt)
        if verdict == .highest, !hasPublished {
            if guards.has(.installBeforeLook) {
                chooseRevocations(&disk, guards)
            } else {
                step = .install
            }
        } else {
            // A refusal is an error, being fenced is not.
            hadRecord = verdict != .fenced
            if guards.has(.installBeforeLook) { step = .withdraw } else { end(hadRecord ? .failed : .fenced) }
        }
    }

    private mutating func chooseRevocations(_ disk: inout ModelDisk, _ guards: Guards) {
        var unsettled = listing.unsettled
        let visible = disk.names[key].visible
        if visible != ModelDisk.none, disk.folders[visible].named > 0, guards.has(.visibleIsUnsettled) {
            unsettled |= 1 &<< UInt64(visible - 1)
        }
        unsettled &= ~bit
        remainingLower = 0
        while unsettled != 0 {
            let other = unsettled.trailingZeroBitCount
            unsettled &= unsettled &- 1
            // A settled record hides one that is not, but not a folder.
            let isOnlyRecord = (listing.staging | listing.revoked) & (1 &<< UInt64(other)) == 0
            if isOnlyRecord, listing.isSettled(other) { continue }
            if disk.fences[other] < disk.fences[attempt] { remainingLower |= 1 &<< UInt64(other) }
        }
        step = .chooseLower
        chooseLower(&disk)
    }

    /// Goes on with the lowest attempt that is left.
    mutating func chooseLower(_ disk: inout ModelDisk) {
        guard remainingLower != 0 else { return end(.done) }
        var candidates = remainingLower
        var lowest = candidates.trailingZeroBitCount
        while candidates != 0 {
            let other = candidates.trailingZeroBitCount
            candidates &= candidates &- 1
            if disk.fences[other] < disk.fences[lowest] { lowest = other }
        }
        lower = lowest
        remainingLower &= ~(1 &<< UInt64(lowest))
        wasTakenAway = false
        step = .openRevoked
    }
}

/// What a process does: `BackfillRun`, `PartitionAttempt` and the recorder, one step at a time.
extension Simulation {
    mutating func step(_ slot: Int) {
        switch workers[slot].phase {
        case .readFence:
            workers[slot].planFence = ledger.sequence
            order += 1
            workers[slot].planOrder = order
            workers[slot].phase = .readRows
        case .readRows:
            workers[slot].wanted = ledger.planned(
                job: workers[slot].job, version: workers[slot].version,
                includesComplete: workers[slot].includesComplete, keys: scenario.keys)
            workers[slot].phase = .askForClaim
        case .askForClaim: askForClaim(slot)
        case .awaitClaim, .awaitCompletion, .awaitStanding, .awaitFailure, .awaitRelease: awaitAnswer(slot)
        case .lookTooEarly, .begin, .look, .discardBeforeAdopting, .publish, .discardAfterFailure,
            .discardBeforeRelease, .discardAfterLoss:
            stepCall(slot)
        case .readHistory: readHistory(slot)
        case .stage: stage(slot)
        case .awaitTrust: awaitTrust(slot)
        case .sendCompletion: sendCompletion(slot)
        case .sendFailure: sendFailure(slot)
        case .sendRelease: send(.release, slot, then: .awaitRelease)
        case .done: break
        }
    }

    // MARK: Claiming

    private mutating func askForClaim(_ slot: Int) {
        workers[slot].attempt = -1
        workers[slot].isLost = false
        workers[slot].isMarking = false
        guard workers[slot].wanted != 0 else { return workers[slot].phase = .done }
        guard ledger.hasRoom else { return }
        batches += 1
        var message = Message()
        message.kind = .claim
        message.request.job = workers[slot].job
        message.request.keys = workers[slot].wanted
        message.request.isDescending = random.percent(20)
        message.request.version = workers[slot].version
        message.request.planFence = workers[slot].planFence
        message.request.includesComplete = workers[slot].includesComplete
        message.request.batch = batches
        message.planOrder = workers[slot].planOrder
        message.sentAt = clock
        message.place = .onItsWay
        workers[slot].work = message
        workers[slot].phase = .awaitClaim
    }

    mutating func claimed(_ slot: Int, _ message: Message) {
        if message.granted == 0 {
            // An ambiguous claim that granted nothing is made again, under the same batch.
            if message.kind == .claimedBatch {
                guard ledger.hasRoom else { return }
                workers[slot].work.kind = .claim
                workers[slot].work.place = .onItsWay
                return
            }
            return examine(slot)
        }
        let attempt = message.granted.trailingZeroBitCount
        workers[slot].attempt = attempt
        workers[slot].confirmedAt = message.sentAt
        if isTracing { note("worker \(slot) has attempt \(attempt), fence \(ledger.attempts[attempt].fence)") }
        if guards.has(.adoption), !guards.has(.adoptionAfterBegin) {
            call(.current, slot, .lookTooEarly)
        } else {
            call(.begin, slot, .begin)
        }
    }

    /// Looks at the partitions that were not granted: those that have ended are done, for this plan.
    private mutating func examine(_ slot: Int) {
        var key = 0
        while key < scenario.keys {
            let status = ledger.row(job: workers[slot].job, key: key).status
            if status == .complete || status == .failed { workers[slot].wanted &= ~(1 &<< UInt8(key)) }
            key += 1
        }
        workers[slot].waitsUntil = clock + 8
        workers[slot].phase = .askForClaim
    }

    // MARK: Working

    mutating func call(_ function: TableCall.Function, _ slot: Int, _ phase: ModelWorker.Phase) {
        let attempt = workers[slot].attempt
        workers[slot].call = TableCall(
            function, attempt: attempt, key: ledger.attempts[attempt].key, guards: guards)
        workers[slot].call.slowListings = scenario.slowListings
        workers[slot].phase = phase
    }

    private mutating func stepCall(_ slot: Int) {
        if isTracing { note("worker \(slot) attempt \(workers[slot].attempt): \(workers[slot].call.step)") }
        let step = workers[slot].call.step
        workers[slot].call.advance(&disk, guards, &random)
        checkTable(workers[slot].call, after: step)
        if workers[slot].call.result != .running { ended(slot, workers[slot].call.result) }
    }

    private mutating func ended(_ slot: Int, _ result: TableCall.Result) {
        if isTracing {
            note("worker \(slot) attempt \(workers[slot].attempt): \(workers[slot].call.function) \(result)")
        }
        if result == .fenced { tally.fenced += 1 }
        switch workers[slot].phase {
        case .lookTooEarly: lookedTooEarly(slot)
        case .begin: begun(slot, result)
        case .look: workers[slot].phase = .readHistory
        case .discardBeforeAdopting: workers[slot].phase = .sendCompletion
        case .publish: published(slot, result)
        case .discardAfterFailure: workers[slot].phase = .sendFailure
        case .discardBeforeRelease: workers[slot].phase = .sendRelease
        default: workers[slot].phase = .askForClaim
        }
    }

    private mutating func lookedTooEarly(_ slot: Int) {
        let attempt = workers[slot].attempt
        workers[slot].generation = -1
        if let seen = workers[slot].call.seenWriter, ledger.mayAdopt(seen, for: attempt) {
            workers[slot].generation = seen
        }
        call(.begin, slot, .begin)
    }

    private mutating func begun(_ slot: Int, _ result: TableCall.Result) {
        switch result {
        case .fenced: workers[slot].phase = .askForClaim
        case .done:
            if !guards.has(.adoption) {
                beginStaging(slot)
            } else if guards.has(.adoptionAfterBegin) {
                call(.current, slot, .look)
            } else if workers[slot].generation >= 0 {
                call(.discard, slot, .discardBeforeAdopting)
            } else {
                beginStaging(slot)
            }
        default: workers[slot].phase = .sendFailure
        }
    }

    private mutating func readHistory(_ slot: Int) {
        let attempt = workers[slot].attempt
        guard let seen = workers[slot].call.seenWriter, seen != attempt,
            ledger.mayAdopt(seen, for: attempt) || !guards.has(.adoptionChecksHistory)
        else { return beginStaging(slot) }
        if isTracing { note("worker \(slot) adopts the generation of attempt \(seen)") }
        workers[slot].generation = seen
        call(.discard, slot, .discardBeforeAdopting)
    }

    private mutating func beginStaging(_ slot: Int) {
        workers[slot].generation = workers[slot].attempt
        workers[slot].staged = 0
        workers[slot].phase = .stage
    }

    private mutating func stage(_ slot: Int) {
        if scenario.failingTransforms > 0, !isCalm, random.percent(scenario.failingTransforms) {
            if isTracing { note("worker \(slot): the transform fails") }
            return call(.discard, slot, .discardAfterFailure)
        }
        if !isCalm, random.permille(5) { return call(.discard, slot, .discardBeforeRelease) }
        // Where the staging was revoked, the engine cannot write.
        guard disk.perform(.stageFile, workers[slot].attempt) == .done else {
            return call(.discard, slot, .discardAfterFailure)
        }
        if isTracing { note("worker \(slot) attempt \(workers[slot].attempt): stages a file") }
        workers[slot].staged += 1
        if workers[slot].staged == ModelDisk.filesOfAttempt { workers[slot].phase = .awaitTrust }
    }

    private mutating func awaitTrust(_ slot: Int) {
        guard guards.has(.leaseTrust) else { return call(.publish, slot, .publish) }
        if workers[slot].isLost { return call(.discard, slot, .discardAfterLoss) }
        guard !workers[slot].trustsLease(ledger.rules.lease, at: clock) else { return call(.publish, slot, .publish) }
        // The heartbeat goes on by itself; this worker does nothing until it is answered.
        stepPulse(slot)
    }

    private mutating func published(_ slot: Int, _ result: TableCall.Result) {
        switch result {
        case .done:
            tally.published += 1
            workers[slot].phase = .sendCompletion
        case .fenced: call(.discard, slot, .discardAfterLoss)
        default: call(.discard, slot, .discardAfterFailure)
        }
    }
}

/// What a process tells the ledger, and what it does with the answers.
extension Simulation {
    mutating func send(_ kind: Message.Kind, _ slot: Int, then phase: ModelWorker.Phase) {
        var message = Message()
        message.kind = kind
        message.attempt = workers[slot].attempt
        message.generation = workers[slot].generation
        message.sentAt = clock
        message.place = .onItsWay
        workers[slot].work = message
        workers[slot].phase = phase
        workers[slot].isMarking = true
    }

    mutating func sendCompletion(_ slot: Int) {
        // A claim that is known to be lost is not marked.
        if workers[slot].isLost { return workers[slot].phase = .askForClaim }
        send(.complete, slot, then: .awaitCompletion)
    }

    mutating func sendFailure(_ slot: Int) {
        if workers[slot].isLost { return workers[slot].phase = .askForClaim }
        send(.fail, slot, then: .awaitFailure)
        workers[slot].work.delay = isCalm || random.percent(80) ? 5 : -1
    }

    mutating func awaitAnswer(_ slot: Int) {
        var message = workers[slot].work
        let hasArrived = transport(&message)
        workers[slot].work = message
        guard hasArrived else { return }
        switch workers[slot].phase {
        case .awaitClaim: claimed(slot, message)
        case .awaitCompletion where !message.isRecorded, .awaitFailure where !message.isRecorded:
            // An earlier try may have been recorded, and its answer lost.
            send(.standing, slot, then: .awaitStanding)
        case .awaitRelease: workers[slot].phase = .done
        default: workers[slot].phase = .askForClaim
        }
    }

    /// The server executes a statement.
    mutating func execute(_ message: inout Message) {
        guard message.kind != .claim || ledger.hasRoom else { return }
        let before = ledger.rows
        let attemptsBefore = ledger.attemptCount
        message.granted = 0
        message.isRecorded = false
        let attempt = message.attempt
        switch message.kind {
        case .claim: message.granted = ledger.claim(message.request, now: now)
        case .claimedBatch: message.granted = ledger.claimedBatch(message.request)
        case .complete:
            let isAdopted = message.generation != attempt
            message.isRecorded = ledger.complete(
                attempt, version: ledger.attempts[attempt].version, adopted: isAdopted)
            if message.isRecorded { tally.completed += 1 }
            if message.isRecorded, isAdopted { tally.adopted += 1 }
        case .fail:
            message.isRecorded = ledger.fail(
                attempt, retryAfter: message.delay < 0 ? nil : message.delay, now: now)
        case .release: message.isRecorded = ledger.release(attempt)
        case .heartbeat: message.isRecorded = ledger.heartbeat(attempt, now: now)
        case .standing: message.isRecorded = ledger.standing(attempt) != nil
        }
        register(attemptsBefore)
        checkLedger(before, message)
    }

    /// Makes new attempts known to the table's model.
    private mutating func register(_ before: Int) {
        var attempt = before
        while attempt < ledger.attemptCount {
            let row = ledger.attempts[attempt]
            disk.register(attempt: attempt, fence: row.fence, key: row.key)
            tally.claims += 1
            if row.predecessor >= 0 { tally.takeovers += 1 }
            attempt += 1
        }
    }
}

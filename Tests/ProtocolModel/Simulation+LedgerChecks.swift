/// The invariants of the ledger, after each statement.
extension Simulation {
    mutating func checkLedger(_ before: InlineArray<6, ModelLedger.Row>, _ message: Message) {
        if message.kind == .heartbeat, message.isRecorded {
            oracle.leaseEnds[message.attempt] = now + ledger.rules.lease
        }
        var row = 0
        while row < 6 {
            let old = before[row]
            let new = ledger.rows[row]
            if old.fence != new.fence || old.status != new.status || old.claim != new.claim {
                checkChange(row, old, new, message)
            }
            row += 1
        }
        checkLiveClaims()
        if ledger.rewroteHistory { violate(.historyIsFinal, "attempt \(message.attempt), \(message.kind)") }
    }

    private mutating func checkChange(_ row: Int, _ old: ModelLedger.Row, _ new: ModelLedger.Row, _ message: Message) {
        if isTracing {
            note(
                "ledger: job \(row / 3) partition \(row % 3) \(old.status) \(old.fence) -> \(new.status) \(new.fence)"
                    + " by \(message.kind) of attempt \(message.attempt)")
        }
        let isMark = message.kind != .claim
        if new.fence < old.fence { violate(.fenceGrows, "row \(row): \(old.fence) to \(new.fence)") }
        if isMark, old.claim != message.attempt || old.status != .running {
            violate(.marksAreOwn, "\(message.kind) of attempt \(message.attempt) changed a row of attempt \(old.claim)")
        }
        if !isMark, old.status == .running, now <= oracle.leaseEnds[old.claim] {
            violate(.liveWorkerKeepsClaim, "attempt \(old.claim), lease until \(oracle.leaseEnds[old.claim])")
        }
        if new.status == .running, new.claim != old.claim { checkClaim(row, old, new, message) }
        if old.status == .running, !isMark, new.status == .failed { tally.poisoned += 1 }
        if new.status == .complete, old.status != .complete { checkCompletion(row, message) }
        if new.status == .complete || new.status == .failed { ended(row, new, old) }
        if new.status != .complete { oracle.generation[row] = -1 }
    }

    private mutating func ended(_ row: Int, _ new: ModelLedger.Row, _ old: ModelLedger.Row) {
        order += 1
        oracle.endedAt[row] = order
        // What takes a partition away from a lost worker takes its place in the order, as a claim does.
        if new.fence != old.fence { oracle.rowOrder[row] = order }
    }

    private mutating func checkClaim(_ row: Int, _ old: ModelLedger.Row, _ new: ModelLedger.Row, _ message: Message) {
        if new.fence <= old.fence { violate(.fenceGrows, "row \(row): \(old.fence) claimed with \(new.fence)") }
        let hadEnded = old.status == .complete || old.status == .failed
        if hadEnded, !oracle.hasFailedOver, oracle.endedAt[row] > message.planOrder, !isDoneAnew(row, old, message) {
            violate(.planIsFrozen, "row \(row) ended after the plan was made, and is reopened by it")
        }
        order += 1
        oracle.rowOrder[row] = order
        oracle.claimedAt[new.claim] = order
        if hadEnded { oracle.reopenedAt[row] = order }
        oracle.leaseEnds[new.claim] = now + ledger.rules.lease
    }

    /// Whether what has ended had begun before the plan was made, and for another version: then nobody has done yet what
    /// the plan is for.
    private func isDoneAnew(_ row: Int, _ old: ModelLedger.Row, _ message: Message) -> Bool {
        guard oracle.rowOrder[row] < message.planOrder, old.claim >= 0 else { return false }
        return ledger.attempts[old.claim].version != message.request.version
    }

    private mutating func checkLiveClaims() {
        var key = 0
        while key < ModelDisk.keys {
            let one = ledger.rows[key]
            let other = ledger.rows[key + ModelDisk.keys]
            if one.status == .running, other.status == .running, one.leaseEnds >= now, other.leaseEnds >= now {
                violate(.oneLiveClaim, "partition \(key): attempts \(one.claim) and \(other.claim)")
            }
            key += 1
        }
    }

    private mutating func checkCompletion(_ row: Int, _ message: Message) {
        let generation = message.generation
        oracle.generation[row] = generation
        if generation != message.attempt { checkAdopted(generation, row, message.attempt) }
        checkHolds(generation, key: row % ModelDisk.keys)
        if !disk.isDurable(generationOf: generation) {
            violate(.completeMeansDurable, "attempt \(message.attempt), generation of attempt \(generation)")
        }
    }

    private mutating func checkAdopted(_ generation: Int, _ row: Int, _ attempt: Int) {
        let own = ledger.attempts[attempt]
        let other = ledger.attempts[generation]
        if other.job != own.job || other.version != own.version || oracle.claimedAt[generation] < oracle.reopenedAt[row]
        {
            violate(.completeIsOfItsVersion, "attempt \(attempt) adopts the work of attempt \(generation)")
        }
    }

    /// The table holds a generation, or a later one.
    mutating func checkHolds(_ generation: Int, key: Int) {
        let visible = disk.names[key].visible
        // Foreign files beside ours do not make it another generation.
        let writer = visible - 1
        if visible > ModelDisk.none, visible <= ModelDisk.capacity,
            writer == generation || disk.fences[writer] >= disk.fences[generation]
        {
            return
        }
        violate(.completeMeansPublished, "partition \(key) holds folder \(visible), not generation \(generation)")
    }
}

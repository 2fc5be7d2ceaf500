/// The scheduler: who acts next, and what goes wrong.
extension Simulation {
    mutating func stepUnderFaults() {
        stepCount += 1
        clock += 1
        injectFaults()
        guard violation == nil else { return }
        if random.permille(60) { stepPulse(random.below(scenario.workers)) }
        if random.permille(scenario.switches) || !canStep(current) {
            current = random.below(scenario.workers)
            if !canStep(current) { current = (current + 1) % scenario.workers }
        }
        if canStep(current) { step(current) } else { clock += 3 }
    }

    mutating func canStep(_ slot: Int) -> Bool {
        workers[slot].isAlive && workers[slot].phase != .done && workers[slot].stoppedUntil <= clock
            && workers[slot].waitsUntil <= clock
    }

    private mutating func injectFaults() {
        if random.permille(scenario.crashes) { crash(random.below(scenario.workers)) }
        if random.permille(scenario.stops) { stop(random.below(scenario.workers)) }
        if random.permille(scenario.delays) {
            clock += random.below(ledger.rules.lease + 10)
            if isTracing { note("time goes by") }
        }
        if ghostCount > 0, random.permille(100) { deliverGhost() }
        // The rest is rare, and most schedules have none of it.
        if scenario.powerCuts > 0, random.permille(scenario.powerCuts) { cutPower() }
        if scenario.foreignWrites > 0, random.permille(scenario.foreignWrites) { writeForeign() }
        if scenario.marks > 0, random.permille(scenario.marks) { mark() }
        if scenario.clockJumps > 0, random.permille(scenario.clockJumps) {
            clockOffset += random.below(ledger.rules.lease)
            if isTracing { note("the database's clock jumps") }
        }
        if scenario.failovers > 0, random.permille(scenario.failovers) { failOver() }
    }

    mutating func crash(_ slot: Int) {
        guard workers[slot].isAlive else { return }
        tally.crashes += 1
        if isTracing { note("worker \(slot) is killed") }
        // What it had sent may still arrive.
        if workers[slot].work.place == .onItsWay, random.percent(50) { keepGhost(workers[slot].work) }
        start(slot)
        workers[slot].waitsUntil = clock + random.below(20)
    }

    private mutating func stop(_ slot: Int) {
        guard canStep(slot) else { return }
        workers[slot].stoppedUntil = clock + random.below(3 * ledger.rules.lease)
        if isTracing { note("worker \(slot) is stopped") }
    }

    private mutating func cutPower() {
        tally.powerCuts += 1
        disk.cutPower(keeping: random.below(disk.unsyncedCount + 1))
        if isTracing { note("power cut") }
        var slot = 0
        while slot < scenario.workers {
            crash(slot)
            slot += 1
        }
        checkAfterPowerCut()
    }

    private mutating func writeForeign() {
        let key = random.below(scenario.keys)
        _ = disk.perform(.foreignWrite, key)
        if isTracing { note("another program writes a file into partition \(key)") }
    }

    private mutating func mark() {
        let key = random.below(scenario.keys)
        guard ledger.row(job: 0, key: key).status != .absent else { return }
        ledger.mark(job: 0, key: key, .pending)
        order += 1
        oracle.marked(row: key, order: order)
        if isTracing { note("a person marks partition \(key) PENDING") }
    }

    private mutating func failOver() {
        guard let older = replica, random.percent(70) else {
            replica = ledger
            replicaOracle = oracle
            return
        }
        ledger.failOver(to: older)
        oracle.failedOver(to: replicaOracle, ledger)
        replica = nil
        if isTracing { note("failover: the ledger has forgotten what came after fence \(ledger.sequence)") }
    }

    mutating func keepGhost(_ message: Message) {
        guard ghostCount < Simulation.ghosts else { return }
        ghosts[ghostCount] = message
        ghostCount += 1
    }

    private mutating func deliverGhost() {
        ghostCount -= 1
        var message = ghosts[ghostCount]
        tally.lateStatements += 1
        if isTracing { note("a statement of a dead connection arrives") }
        execute(&message)
    }

    /// Lets a connection do the next thing: arrive, be answered, or break.
    ///
    /// - Returns: True where the answer has arrived.
    mutating func transport(_ message: inout Message) -> Bool {
        if message.place == .onItsWay {
            if !isCalm, random.percent(scenario.losses) {
                // The client sees a broken connection, and the server may see the statement yet.
                if random.percent(50) { keepGhost(message) }
                message.isRepeated = true
                if message.kind == .claim { message.kind = .claimedBatch }
                return false
            }
            execute(&message)
            message.place = .answered
            return false
        }
        if !isCalm, random.percent(scenario.losses) {
            tally.lostAnswers += 1
            if isTracing { note("the answer is lost") }
            message.place = .onItsWay
            message.isRepeated = true
            if message.kind == .claim { message.kind = .claimedBatch }
            return false
        }
        message.place = .nowhere
        return true
    }

    /// The heartbeat of one worker, on its own connection.
    mutating func stepPulse(_ slot: Int) {
        guard workers[slot].isAlive, workers[slot].stoppedUntil <= clock else { return }
        if workers[slot].pulse.place == .nowhere {
            guard workers[slot].attempt >= 0 else { return }
            var message = Message()
            message.kind = .heartbeat
            message.attempt = workers[slot].attempt
            message.sentAt = clock
            message.place = .onItsWay
            workers[slot].pulse = message
        }
        var message = workers[slot].pulse
        if transport(&message) {
            confirmLease(slot, message)
        }
        workers[slot].pulse = message
    }

    private mutating func confirmLease(_ slot: Int, _ message: Message) {
        guard message.attempt == workers[slot].attempt else { return }
        if message.isRecorded {
            // Repeated under the same sending time, which is the careful side.
            workers[slot].confirmedAt = max(workers[slot].confirmedAt, message.sentAt)
        } else if !workers[slot].isMarking {
            workers[slot].isLost = true
        }
    }
}

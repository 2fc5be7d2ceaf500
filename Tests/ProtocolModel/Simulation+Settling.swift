/// The end of a schedule: no more faults, and everything must end.
extension Simulation {
    /// How many steps a schedule may take to end.
    private static let patience = 4_000

    mutating func settle() {
        isCalm = true
        ghostCount = 0
        if isTracing { note("no more faults") }
        var slot = 0
        while slot < scenario.workers {
            workers[slot].stoppedUntil = 0
            slot += 1
        }
        // Whoever has ended did so by an older plan. The second time is for partitions that a process which was ending
        // gave back: running the same command again finishes the work.
        var steps = 0
        runToEnd(&steps)
        runToEnd(&steps)
        stepCount += steps
        if violation == nil, ledger.hasRoom { checkEnds() }
    }

    private mutating func runToEnd(_ steps: inout Int) {
        restartFinished(0)
        if scenario.hasSecondJob { restartFinished(scenario.workers - 1) }
        while violation == nil, ledger.hasRoom {
            if !settleRound(&steps) { break }
            if steps > Simulation.patience { violate(.everythingEnds, "after \(steps) steps") }
        }
    }

    private mutating func restartFinished(_ slot: Int) {
        if workers[slot].phase == .done { start(slot) }
    }

    /// Lets each worker make a few steps; false when all have ended.
    private mutating func settleRound(_ steps: inout Int) -> Bool {
        var isAnyLeft = false
        var hasMoved = false
        var slot = 0
        while slot < scenario.workers {
            if workers[slot].phase != .done { isAnyLeft = true }
            var burst = 0
            while burst < 4, canStep(slot), violation == nil {
                beatIfDue(slot)
                clock += 1
                steps += 1
                step(slot)
                hasMoved = true
                burst += 1
            }
            slot += 1
        }
        // Everybody waits for a lease to end, or for a retry.
        if !hasMoved {
            clock += 4
            steps += 1
        }
        return isAnyLeft
    }

    private mutating func beatIfDue(_ slot: Int) {
        guard workers[slot].attempt >= 0, clock - workers[slot].confirmedAt > ledger.rules.lease / 3 else { return }
        var beats = 0
        repeat {
            stepPulse(slot)
            beats += 1
        } while workers[slot].pulse.place != .nowhere && beats < 4
    }

    private mutating func checkEnds() {
        var key = 0
        while key < scenario.keys {
            checkEnd(job: 0, key)
            if scenario.hasSecondJob { checkEnd(job: 1, key) }
            key += 1
        }
    }

    private mutating func checkEnd(job: Int, _ key: Int) {
        let status = ledger.row(job: job, key: key).status
        if status != .complete && status != .failed {
            violate(.everythingEnds, "job \(job), partition \(key) is \(status)")
        }
    }
}

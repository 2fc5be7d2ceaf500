/// `hold.sql`, `take.sql` and `reject.sql`.
extension ModelLedger {
    /// What a claim is for that a person has decided about.
    package enum Decision { case approve, undo }

    /// Marks an attempt HELD.
    ///
    /// - Returns: Whether anything was changed.
    package mutating func hold(_ attempt: Int) -> Bool {
        guard let index = own(attempt) else { return false }
        rows[index].status = .held
        end(fence: attempts[attempt].fence, as: .held)
        return true
    }

    /// Claims the partition of an attempt, to carry out what a person decided about that attempt.
    ///
    /// - Returns: The attempt granted, as a set.
    package mutating func take(_ origin: Int, for decision: Decision, version: Int, now: Int) -> UInt64 {
        let token = attempts[origin]
        let index = token.job * ModelDisk.keys + token.key
        let before = rows[index]
        guard before.fence == token.fence, before.status == (decision == .approve ? .held : .complete),
            !isClaimedByOther(token.job, token.key, now)
        else { return 0 }
        evict((1 - token.job) * ModelDisk.keys + token.key, now)
        let isApproval = decision == .approve
        let attempt = attemptCount
        attemptCount += 1
        rows[index].status = .running
        rows[index].attempt = isApproval ? before.attempt + 1 : 1
        rows[index].failures = isApproval ? before.failures : 0
        rows[index].takeovers = isApproval ? before.takeovers : 0
        rows[index].fence = nextFence()
        rows[index].claim = attempt
        rows[index].notBefore = 0
        rows[index].leaseEnds = now + rules.lease
        attempts[attempt] = Attempt()
        attempts[attempt].fence = rows[index].fence
        attempts[attempt].job = token.job
        attempts[attempt].key = token.key
        attempts[attempt].number = rows[index].attempt
        attempts[attempt].failures = rows[index].failures
        attempts[attempt].version = version
        attempts[attempt].batch = -1
        return 1 &<< UInt64(attempt)
    }

    /// Ends the claim of the other job, where its lease is over.
    private mutating func evict(_ other: Int, _ now: Int) {
        guard rules.guards.has(.oneClaimPerTablePartition), rows[other].status == .running,
            rows[other].leaseEnds < now
        else { return }
        lose(fence: rows[other].fence)
        rows[other].status = .pending
        rows[other].takeovers += 1
        rows[other].fence = nextFence()
        rows[other].claim = -1
    }

    /// Makes the partition FAILED whose attempt is held.
    ///
    /// - Returns: Whether anything was changed.
    package mutating func reject(_ attempt: Int) -> Bool {
        let token = attempts[attempt]
        let index = token.job * ModelDisk.keys + token.key
        guard rows[index].status == .held, rows[index].fence == token.fence, rows[index].claim == attempt else {
            return false
        }
        rows[index].status = .failed
        rows[index].endedFence = nextFence()
        return true
    }
}

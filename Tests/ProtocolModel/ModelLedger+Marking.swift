/// `complete.sql`, `fail.sql`, `release.sql`, `heartbeat.sql`, `standing.sql` and `mark.sql`.
extension ModelLedger {
    /// The row of an attempt's partition, if the attempt may still mark it.
    mutating func own(_ attempt: Int) -> Int? {
        let token = attempts[attempt]
        let index = token.job * ModelDisk.keys + token.key
        let row = rows[index]
        if rules.guards.has(.runningInMarks), row.status != .running { return nil }
        if rules.guards.has(.fenceInMarks), row.fence != token.fence { return nil }
        if rules.guards.has(.claimIDInMarks), row.claim != attempt { return nil }
        return index
    }

    /// Marks an attempt COMPLETE.
    ///
    /// - Returns: Whether anything was changed.
    package mutating func complete(_ attempt: Int, version: Int, adopted: Bool) -> Bool {
        guard let index = own(attempt) else { return false }
        rows[index].status = .complete
        rows[index].version = version
        rows[index].endedFence = nextFence()
        end(fence: attempts[attempt].fence, as: adopted ? .adopted : .complete)
        return true
    }

    /// Marks an attempt FAILED, or PENDING for a retry.
    package mutating func fail(_ attempt: Int, retryAfter delay: Int?, now: Int) -> Bool {
        guard let index = own(attempt) else { return false }
        rows[index].status = delay == nil ? .failed : .pending
        rows[index].notBefore = delay.map { now + $0 } ?? 0
        rows[index].failures += 1
        if delay == nil { rows[index].endedFence = nextFence() }
        end(fence: attempts[attempt].fence, as: delay == nil ? .failed : .retry)
        return true
    }

    /// Gives a partition back untouched.
    package mutating func release(_ attempt: Int) -> Bool {
        guard let index = own(attempt) else { return false }
        rows[index].status = .pending
        rows[index].attempt = max(rows[index].attempt - 1, 0)
        rows[index].notBefore = 0
        end(fence: attempts[attempt].fence, as: .released)
        return true
    }

    /// Extends a lease.
    package mutating func heartbeat(_ attempt: Int, now: Int) -> Bool {
        guard let index = own(attempt) else { return false }
        rows[index].leaseEnds = now + rules.lease
        return true
    }

    /// Lets the lease of a partition end now.
    package mutating func expireLease(job: Int, key: Int, now: Int) {
        rows[job * ModelDisk.keys + key].leaseEnds = now - 1
    }

    /// Lets a retry be due now.
    package mutating func endPause(job: Int, key: Int) {
        rows[job * ModelDisk.keys + key].notBefore = 0
    }

    /// Where an attempt stands whose mark changed nothing; nil where the row is another's.
    package mutating func standing(_ attempt: Int) -> Status? {
        let token = attempts[attempt]
        let row = row(job: token.job, key: token.key)
        return row.fence == token.fence && row.claim == attempt ? row.status : nil
    }

    /// What a person puts on a partition, over the head of whoever works on it.
    package mutating func mark(job: Int, key: Int, _ status: Status, version: Int = -1) {
        let index = job * ModelDisk.keys + key
        lose(fence: rows[index].fence)
        rows[index].status = status
        rows[index].fence = nextFence()
        rows[index].claim = -1
        rows[index].attempt = 0
        rows[index].failures = 0
        rows[index].takeovers = 0
        rows[index].notBefore = 0
        rows[index].version = version
    }

    /// Whether an attempt may adopt what another one of its job has published: the other was lost, and whatever came
    /// between them left no other mark.
    package mutating func mayAdopt(_ published: Int, for attempt: Int) -> Bool {
        let successor = attempts[attempt]
        // A partition's first attempt since it was reopened has nobody before it.
        guard successor.number > 1 else { return false }
        let other = attempts[published]
        guard other.isKnown, other.job == successor.job, other.key == successor.key, other.outcome == .lost,
            other.version == successor.version, other.fence < successor.fence
        else { return false }
        var index = 0
        while index < attemptCount {
            let between = attempts[index]
            if between.isKnown, between.job == successor.job, between.key == successor.key,
                between.fence > other.fence, between.fence < successor.fence
            {
                if between.number == 1, rules.guards.has(.adoptionEndsAtReopening) { return false }
                switch between.outcome {
                case .lost, .released, .retry: break
                default: return false
                }
            }
            index += 1
        }
        return true
    }
}

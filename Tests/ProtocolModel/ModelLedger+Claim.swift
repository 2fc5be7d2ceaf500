/// `claim.sql` and `claimed_batch.sql`.
extension ModelLedger {
    /// What a worker asks for.
    package struct ClaimRequest {
        package var job: Int
        /// The partitions, as a set; they are granted in ascending or descending order.
        package var keys: UInt8
        package var isDescending = false
        package var limit = 1
        package var version = 0
        package var planFence = 0
        package var includesComplete = false
        package var batch = 0

        package init(job: Int, keys: UInt8) {
            self.job = job
            self.keys = keys
        }
    }

    /// Grants claims of the candidates that are free, and takes over those whose lease has ended.
    ///
    /// - Returns: The attempts granted, as a set.
    package mutating func claim(_ request: ClaimRequest, now: Int) -> UInt64 {
        let known = choose(request, now, isKnown: true, limit: request.limit)
        let unknown = choose(request, now, isKnown: false, limit: request.limit - known.nonzeroBitCount)
        giveUpHopeless(request, now)
        if rules.guards.has(.oneClaimPerTablePartition) { evict(request, of: known | unknown, now) }
        var granted: UInt64 = 0
        for chosen in [known, unknown] {
            var left = chosen
            while left != 0 {
                granted |= grant(request, key: left.trailingZeroBitCount, now)
                left &= left &- 1
            }
        }
        return granted
    }

    /// The first of the candidates, by their order, that are free and have a row, or have none.
    private mutating func choose(_ request: ClaimRequest, _ now: Int, isKnown: Bool, limit: Int) -> UInt8 {
        var chosen: UInt8 = 0
        var left = limit
        var place = 0
        while place < ModelDisk.keys, left > 0 {
            let key = request.isDescending ? ModelDisk.keys - 1 - place : place
            place += 1
            guard request.keys & (1 &<< UInt8(key)) != 0, !isClaimedByOther(request.job, key, now) else { continue }
            let index = request.job * ModelDisk.keys + key
            guard isKnown ? isFree(index, request, now) : rows[index].status == .absent else { continue }
            chosen |= 1 &<< UInt8(key)
            left -= 1
        }
        return chosen
    }

    mutating func isClaimedByOther(_ job: Int, _ key: Int, _ now: Int) -> Bool {
        guard rules.guards.has(.oneClaimPerTablePartition) else { return false }
        let other = (1 - job) * ModelDisk.keys + key
        return rows[other].status == .running && rows[other].leaseEnds >= now
    }

    private mutating func isFree(_ index: Int, _ request: ClaimRequest, _ now: Int) -> Bool {
        let row = rows[index]
        let isUnguarded = !rules.guards.has(.planFence)
        let beganBefore = row.fence <= request.planFence || isUnguarded
        let endedBefore = max(row.fence, row.endedFence) <= request.planFence || isUnguarded
        switch row.status {
        case .absent: return false
        case .pending: return row.notBefore <= now
        case .running:
            return (row.leaseEnds < now || !rules.guards.has(.leaseInClaim)) && row.takeovers < rules.takeoverLimit
        case .failed:
            guard !endedBefore, let failed = attempt(fenced: row.fence) else { return endedBefore }
            return beganBefore && attempts[failed].version != request.version
        case .held:
            // A person's mark has no attempt, and waits for that person.
            guard let held = attempt(fenced: row.fence) else { return false }
            return beganBefore && attempts[held].version != request.version
        case .complete:
            let isOfOtherVersion = row.version >= 0 && row.version != request.version
            return (beganBefore && isOfOtherVersion) || (endedBefore && request.includesComplete)
        }
    }

    /// Partitions on which one worker too many was lost.
    private mutating func giveUpHopeless(_ request: ClaimRequest, _ now: Int) {
        var key = 0
        while key < ModelDisk.keys {
            let index = request.job * ModelDisk.keys + key
            if request.keys & (1 &<< UInt8(key)) != 0, rows[index].status == .running, rows[index].leaseEnds < now,
                rows[index].takeovers >= rules.takeoverLimit
            {
                dispossess(index)
            }
            key += 1
        }
    }

    /// Ends claims of other jobs, whose lease is over, on partitions that are about to be claimed.
    private mutating func evict(_ request: ClaimRequest, of chosen: UInt8, _ now: Int) {
        var left = chosen
        while left != 0 {
            let other = (1 - request.job) * ModelDisk.keys + left.trailingZeroBitCount
            left &= left &- 1
            if rows[other].status == .running, rows[other].leaseEnds < now { dispossess(other) }
        }
    }

    private mutating func dispossess(_ index: Int) {
        lose(fence: rows[index].fence)
        if rows[index].takeovers >= rules.takeoverLimit {
            rows[index].status = .failed
        } else {
            rows[index].status = .pending
            rows[index].takeovers += 1
        }
        rows[index].fence = nextFence()
        rows[index].claim = -1
    }

    private mutating func grant(_ request: ClaimRequest, key: Int, _ now: Int) -> UInt64 {
        let index = request.job * ModelDisk.keys + key
        let before = rows[index]
        let isGoingOn = before.status == .pending || before.status == .running
        let isTakeover = before.status == .running
        lose(fence: before.fence)
        let keepsFence = isTakeover && !rules.guards.has(.newFenceOnTakeover)
        let attempt = attemptCount
        attemptCount += 1
        rows[index].status = .running
        rows[index].attempt = isGoingOn ? before.attempt + 1 : 1
        rows[index].failures = isGoingOn ? before.failures : 0
        rows[index].takeovers = isGoingOn ? before.takeovers + (isTakeover ? 1 : 0) : 0
        rows[index].fence = keepsFence ? before.fence : nextFence()
        rows[index].claim = attempt
        rows[index].notBefore = 0
        rows[index].leaseEnds = now + rules.lease
        attempts[attempt] = Attempt()
        attempts[attempt].fence = rows[index].fence
        attempts[attempt].job = request.job
        attempts[attempt].key = key
        attempts[attempt].number = rows[index].attempt
        attempts[attempt].failures = rows[index].failures
        attempts[attempt].version = request.version
        attempts[attempt].batch = request.batch
        attempts[attempt].predecessor = isTakeover ? before.claim : -1
        return 1 &<< UInt64(attempt)
    }

    /// The live claims of one batch: what a claim granted whose answer was lost.
    package mutating func claimedBatch(_ request: ClaimRequest) -> UInt64 {
        var granted: UInt64 = 0
        var key = 0
        while key < ModelDisk.keys {
            let row = row(job: request.job, key: key)
            if request.keys & (1 &<< UInt8(key)) != 0, row.status == .running, row.claim >= 0,
                attempts[row.claim].isKnown, attempts[row.claim].batch == request.batch
            {
                granted |= 1 &<< UInt64(row.claim)
            }
            key += 1
        }
        return granted
    }

    /// The partitions of a plan: those that are not COMPLETE for the version.
    package mutating func planned(job: Int, version: Int, includesComplete: Bool, keys count: Int) -> UInt8 {
        var wanted: UInt8 = 0
        var key = 0
        while key < count {
            let row = row(job: job, key: key)
            let isDone = row.status == .complete && (row.version < 0 || row.version == version)
            if !isDone || includesComplete { wanted |= 1 &<< UInt8(key) }
            key += 1
        }
        return wanted
    }
}

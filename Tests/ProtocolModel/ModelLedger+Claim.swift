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
        let isBlocked = evict(request, now)
        var left = request.limit
        var granted = freeRows(request, now, isBlocked, &left)
        // Partitions without a row come after those that have one, and get their fences by key.
        var fresh: UInt8 = 0
        var place = 0
        while place < ModelDisk.keys, left > 0 {
            let key = request.isDescending ? ModelDisk.keys - 1 - place : place
            place += 1
            guard request.keys & (1 &<< UInt8(key)) != 0, isBlocked & (1 &<< UInt8(key)) == 0,
                row(job: request.job, key: key).status == .absent
            else { continue }
            fresh |= 1 &<< UInt8(key)
            left -= 1
        }
        while fresh != 0 {
            granted |= grant(request, key: fresh.trailingZeroBitCount, now)
            fresh &= fresh &- 1
        }
        return granted
    }

    /// Ends claims of other jobs whose lease is over.
    ///
    /// - Returns: The partitions of which another job has a live claim.
    private mutating func evict(_ request: ClaimRequest, _ now: Int) -> UInt8 {
        guard rules.guards.has(.oneClaimPerTablePartition) else { return 0 }
        var blocked: UInt8 = 0
        var place = 0
        while place < ModelLedger.jobs * ModelDisk.keys {
            let key = place % ModelDisk.keys
            defer { place += 1 }
            guard place / ModelDisk.keys != request.job, request.keys & (1 &<< UInt8(key)) != 0,
                rows[place].status == .running
            else { continue }
            guard rows[place].leaseEnds < now else {
                blocked |= 1 &<< UInt8(key)
                continue
            }
            lose(fence: rows[place].fence)
            if isPoisonous(place) {
                giveUpPoison(place)
            } else {
                if rules.takeoverLimit != nil { rows[place].takeovers += 1 }
                rows[place].status = .pending
                rows[place].fence = nextFence()
                rows[place].claim = -1
            }
        }
        return blocked
    }

    private mutating func freeRows(
        _ request: ClaimRequest, _ now: Int, _ blocked: UInt8, _ left: inout Int
    ) -> UInt64 {
        var granted: UInt64 = 0
        var place = 0
        while place < ModelDisk.keys, left > 0 {
            let key = request.isDescending ? ModelDisk.keys - 1 - place : place
            place += 1
            guard request.keys & (1 &<< UInt8(key)) != 0, blocked & (1 &<< UInt8(key)) == 0,
                isFree(request.job * ModelDisk.keys + key, request, now)
            else { continue }
            let index = request.job * ModelDisk.keys + key
            if rows[index].status == .running, isPoisonous(index) {
                lose(fence: rows[index].fence)
                giveUpPoison(index)
                continue
            }
            granted |= grant(request, key: key, now)
            left -= 1
        }
        return granted
    }

    private mutating func isFree(_ index: Int, _ request: ClaimRequest, _ now: Int) -> Bool {
        let row = rows[index]
        let isOfPlan = row.fence <= request.planFence || !rules.guards.has(.planFence)
        switch row.status {
        case .absent: return false
        case .pending: return row.notBefore <= now
        case .running: return row.leaseEnds < now || !rules.guards.has(.leaseInClaim)
        case .failed: return isOfPlan
        case .complete:
            return isOfPlan && (request.includesComplete || (row.version >= 0 && row.version != request.version))
        }
    }

    private mutating func isPoisonous(_ index: Int) -> Bool {
        guard let limit = rules.takeoverLimit else { return false }
        return rows[index].takeovers >= limit
    }

    private mutating func giveUpPoison(_ index: Int) {
        rows[index].status = .failed
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

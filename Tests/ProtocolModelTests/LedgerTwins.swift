import Foundation
import Partitions
import ProtocolModel
import TestSupport

@testable import ProgressStore

/// A real ledger and its model, to which the same is done.
///
/// Two jobs write one table of three partitions. Nobody waits for a lease: the test ends it in the ledger's own rows.
struct LedgerTwins {
    private(set) var story: [String] = []
    private(set) var differences: [String] = []

    private static let keys = (0..<ModelDisk.keys).map { PartitionKey(granularity: .day, ordinal: 19_723 + $0) }
    private static let now = 1_000_000_000
    private static let takeoverLimit = 2

    private let ledger: Ledger
    private let cluster: TestCluster
    private let schema: String
    private let jobs: [String]
    private let table: String
    private let worker = WorkerIdentity(name: "host:1:a")
    private var random: SeededRandom
    private var model: ModelLedger
    /// The real attempts, in the order of the model's.
    private var tokens: [ClaimToken] = []
    private var batches: [(request: ModelLedger.ClaimRequest, id: UUID)] = []
    /// The fences that two plans have seen, in the model and in the ledger.
    private var plans: [(modelled: Int, real: Int64)] = [(0, 0), (0, 0)]

    /// Makes a pair whose names nobody else uses in the schema.
    init(seed: UInt64, guards: Guards = .all, ledger: Ledger, cluster: TestCluster, schema: String) {
        model = ModelLedger(rules: .init(guards: guards, lease: 3_600, takeoverLimit: Self.takeoverLimit))
        let name = "\(seed)_\(guards.rawValue)"
        self.ledger = ledger
        self.cluster = cluster
        self.schema = schema
        jobs = ["orders_\(name)", "refunds_\(name)"]
        table = "lake/orders_\(name)"
        random = SeededRandom(seed: seed)
    }

    mutating func run(operations: Int) async throws {
        for _ in 0..<operations where differences.isEmpty && model.hasRoom {
            try await operate()
            if differences.isEmpty { try await compareRows() }
        }
    }

    // MARK: Operations

    private mutating func operate() async throws {
        switch random.below(100) {
        case 0..<35: try await claim()
        case 35..<42: try await findBatch()
        case 42..<60: try await mark()
        case 60..<68: try await heartbeat()
        case 68..<86: try await expireLease()
        case 86..<92: try await endPause()
        case 92..<95: try await markByHand()
        default: try await plan()
        }
    }

    private mutating func claim() async throws {
        var request = ModelLedger.ClaimRequest(job: random.below(2), keys: UInt8(1 + random.below(7)))
        request.isDescending = random.percent(30)
        request.limit = 1 + random.below(3)
        request.version = random.below(2)
        request.includesComplete = random.percent(20)
        request.batch = batches.count
        let plan = plans[random.below(2)]
        request.planFence = plan.modelled
        let id = UUID()
        batches.append((request, id))
        let real = self.request(request, planFence: plan.real)
        let statement = ClaimStatement(request: real, batch: id, worker: worker)
        let claims = try await ledger.work.with { try await $0.run(statement) }
        let granted = model.claim(request, now: Self.now)
        tell("claim of \(jobs[request.job]) \(real.candidates), version \(request.version), at most \(request.limit)")
        learn(claims, granted)
    }

    private func request(_ request: ModelLedger.ClaimRequest, planFence: Int64) -> ClaimRequest {
        var candidates = Self.keys.indices.filter { request.keys & (1 << UInt8($0)) != 0 }.map { Self.keys[$0] }
        if request.isDescending { candidates.reverse() }
        return ClaimRequest(
            job: jobs[request.job], tableIdentity: table, run: 1, transformVersion: "\(request.version)",
            candidates: candidates, limit: request.limit, planFence: planFence,
            includesComplete: request.includesComplete, lease: .seconds(3_600), takeoverLimit: Self.takeoverLimit)
    }

    /// Takes what was granted, and compares it.
    private mutating func learn(_ claims: [Claim], _ granted: UInt64) {
        var left = granted
        var expected: Set<String> = []
        while left != 0 {
            let attempt = left.trailingZeroBitCount
            left &= left &- 1
            expected.insert(describe(attempt))
            // The order of fences within one statement is the server's own affair; a partition tells which is which.
            let key = Self.keys[model.attempts[attempt].key]
            guard let claim = claims.first(where: { $0.key == key }) else {
                return differ("\(key) was not granted")
            }
            if attempt == tokens.count { tokens.append(claim.token) }
        }
        let real = Set(claims.map(describe))
        if real != expected { differ("granted \(real.sorted()), expected \(expected.sorted())") }
    }

    private func describe(_ attempt: Int) -> String {
        let row = model.attempts[attempt]
        let predecessor = row.predecessor < 0 ? "nobody" : "\(row.predecessor)"
        return "\(Self.keys[row.key]) attempt \(row.number) failures \(row.failures) after \(predecessor)"
    }

    private func describe(_ claim: Claim) -> String {
        let predecessor = claim.predecessor.map { "\(tokens.firstIndex(of: $0) ?? -1)" } ?? "nobody"
        return "\(claim.key) attempt \(claim.attempt) failures \(claim.failures) after \(predecessor)"
    }

    private mutating func findBatch() async throws {
        guard !batches.isEmpty else { return }
        let (request, id) = batches[batches.count - 1 - random.below(min(4, batches.count))]
        let statement = ClaimedBatch(job: jobs[request.job], candidates: Self.keys, batch: id)
        let claims = try await ledger.work.with { try await $0.run(statement) }
        var everything = request
        everything.keys = 7
        let found = model.claimedBatch(everything)
        tell("look for batch \(request.batch)")
        let real = Set(claims.map { tokens.firstIndex(of: $0.token) ?? -1 })
        let expected = Set((0..<tokens.count).filter { found & (1 << UInt64($0)) != 0 })
        if real != expected { differ("found \(real), expected \(expected)") }
    }

    private mutating func mark() async throws {
        guard let attempt = anyAttempt() else { return }
        let token = tokens[attempt]
        let job = jobs[model.attempts[attempt].job]
        switch random.below(4) {
        case 0, 1:
            let isAdopted = random.percent(30)
            let facts = CompletionFacts(
                transformVersion: "\(model.attempts[attempt].version)", wasAdopted: isAdopted)
            let outcome = try await ledger.complete(job: job, [Completion(token: token, facts: facts)])
            let isRecorded = model.complete(attempt, version: model.attempts[attempt].version, adopted: isAdopted)
            // What changed nothing may be an earlier try whose answer was lost.
            let isKnown = isRecorded || model.standing(attempt) == .complete
            expect(outcome == [isKnown ? .recorded(.complete) : .fenced], "complete attempt \(attempt): \(outcome)")
        case 2:
            let delay: Int? = random.percent(60) ? 1_800 : nil
            let outcome = try await ledger.fail(
                job: job, token, error: "no file", delay == nil ? .giveUp : .retry(after: .seconds(1_800)))
            _ = model.fail(attempt, retryAfter: delay, now: Self.now)
            let expected = model.standing(attempt).map { MarkOutcome.recorded(status($0)) } ?? .fenced
            expect(outcome == expected, "fail attempt \(attempt): \(outcome)")
        default:
            try await ledger.release(job: job, [token])
            tell("release attempt \(attempt): \(model.release(attempt))")
        }
    }

    private mutating func heartbeat() async throws {
        guard let attempt = anyAttempt() else { return }
        let reply = try await ledger.heartbeat(
            job: jobs[model.attempts[attempt].job], run: 1, [tokens[attempt]], lease: .seconds(3_600))
        let isHeld = model.heartbeat(attempt, now: Self.now)
        expect(reply.held.contains(tokens[attempt]) == isHeld, "heartbeat of attempt \(attempt)")
    }

    private mutating func expireLease() async throws {
        let (job, key) = (random.below(2), random.below(ModelDisk.keys))
        guard model.row(job: job, key: key).status == .running else { return }
        try await change(job, key, "lease_expires_at = now() - interval '1 second'")
        model.expireLease(job: job, key: key, now: Self.now)
        tell("the lease of \(jobs[job]) \(Self.keys[key]) ends")
    }

    private mutating func endPause() async throws {
        let (job, key) = (random.below(2), random.below(ModelDisk.keys))
        guard model.row(job: job, key: key).status == .pending else { return }
        try await change(job, key, "not_before = '-infinity'")
        model.endPause(job: job, key: key)
        tell("the pause of \(jobs[job]) \(Self.keys[key]) ends")
    }

    private mutating func markByHand() async throws {
        let (job, key) = (random.below(2), random.below(ModelDisk.keys))
        let choices: [ModelLedger.Status] = [.pending, .complete, .failed]
        let wanted = choices[random.below(3)]
        _ = try await ledger.mark(
            job: jobs[job], Mark(key: Self.keys[key], status: status(wanted), tableIdentity: table))
        model.mark(job: job, key: key, wanted)
        tell("\(jobs[job]) \(Self.keys[key]) is marked \(wanted)")
    }

    private mutating func plan() async throws {
        let plan = random.below(2)
        plans[plan] = (model.sequence, try await ledger.currentFence())
        tell("plan \(plan)")
    }

    /// One of the last attempts, mostly, whoever has its partition now.
    private mutating func anyAttempt() -> Int? {
        guard !tokens.isEmpty else { return nil }
        return tokens.count - 1 - random.below(min(random.percent(80) ? 4 : 40, tokens.count))
    }

    // MARK: Comparison

    private mutating func compareRows() async throws {
        let real = try await cluster.execute(
            """
            SELECT p.job, p.partition_key, p.status, p.attempt, p.failures, p.takeovers, p.claim_id, p.transform_version,
                p.lease_expires_at < now(), p.not_before > now(), p.fence = a.fence
            FROM \(schema).partition_progress p LEFT JOIN \(schema).attempt a ON a.claim_id = p.claim_id
            WHERE p.table_identity = '\(table)'
            UNION ALL
            SELECT NULL, NULL, outcome, attempt, NULL, NULL, claim_id, NULL, NULL, NULL, NULL
            FROM \(schema).attempt WHERE job IN ('\(jobs[0])', '\(jobs[1])')
            """)
        let history = tokens.indices.map { attempt in
            let row = model.attempts[attempt]
            let claim = tokens[attempt].claimID.uuidString.lowercased()
            return "- - \(outcome(row.outcome)) \(row.number) - - \(claim) - - - -"
        }
        let found = real.map { $0.map { $0 ?? "-" }.joined(separator: " ") }
        compare(found.sorted(), (modelRows() + history).sorted())
    }

    private mutating func modelRows() -> [String] {
        var rows: [String] = []
        for job in jobs.indices {
            for key in Self.keys.indices {
                let row = model.row(job: job, key: key)
                guard row.status != .absent else { continue }
                let claim = row.claim < 0 ? "-" : tokens[row.claim].claimID.uuidString.lowercased()
                let version = row.version < 0 ? "-" : "\(row.version)"
                let isLate = row.status == .running ? (row.leaseEnds < Self.now ? "t" : "f") : "-"
                let isPaused = row.notBefore > Self.now ? "t" : "f"
                let hasFence = row.claim < 0 ? "-" : "\(row.fence == model.attempts[row.claim].fence ? "t" : "f")"
                rows.append(
                    "\(jobs[job]) \(Self.keys[key]) \(status(row.status).rawValue) \(row.attempt) \(row.failures) "
                        + "\(row.takeovers) \(claim) \(version) \(isLate) \(isPaused) \(hasFence)")
            }
        }
        return rows
    }

    private mutating func compare(_ real: [String], _ expected: [String]) {
        guard real != expected else { return }
        differ("is \(Set(real).subtracting(expected).sorted()), should be \(Set(expected).subtracting(real).sorted())")
    }

    private func change(_ job: Int, _ key: Int, _ assignment: String) async throws {
        try await cluster.execute(
            """
            UPDATE \(schema).partition_progress SET \(assignment)
            WHERE job = '\(jobs[job])' AND partition_key = '\(Self.keys[key])'
            """)
    }

    private func status(_ status: ModelLedger.Status) -> Status {
        switch status {
        case .absent, .pending: .pending
        case .running: .running
        case .complete: .complete
        case .failed: .failed
        }
    }

    private func outcome(_ outcome: ModelLedger.Outcome) -> String {
        switch outcome {
        case .running: "RUNNING"
        case .complete: "COMPLETE"
        case .adopted: "ADOPTED"
        case .failed: "FAILED"
        case .retry: "RETRY"
        case .released: "RELEASED"
        case .lost: "LOST"
        }
    }

    private mutating func expect(_ isAlike: Bool, _ what: String) {
        tell(what)
        if !isAlike { differ(what) }
    }

    private mutating func tell(_ text: String) { story.append(text) }

    private mutating func differ(_ text: String) {
        story.append("DIFFERENT: " + text)
        differences.append(text)
    }
}

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

    static let keys = (0..<ModelDisk.keys).map { PartitionKey(granularity: .day, ordinal: 19_723 + $0) }
    static let now = 1_000_000_000
    private static let takeoverLimit = 2

    private let ledger: Ledger
    let cluster: TestCluster
    let schema: String
    let jobs: [String]
    let table: String
    private let worker = WorkerIdentity(name: "host:1:a")
    private var random: SeededRandom
    var model: ModelLedger
    /// The real attempts, in the order of the model's.
    var tokens: [ClaimToken] = []
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
        case 0..<32: try await claim()
        case 32..<37: try await findBatch()
        case 37..<50: try await mark()
        case 50..<60: try await decide()
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
        switch random.below(5) {
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
        case 3:
            let version = "\(model.attempts[attempt].version)"
            let facts = HoldFacts(rowsWritten: 1, bytesWritten: 1, transformVersion: version, reason: "fewer rows")
            let outcome = try await ledger.hold(job: job, token, facts)
            _ = model.hold(attempt)
            let expected = model.standing(attempt).map { MarkOutcome.recorded(status($0)) } ?? .fenced
            expect(outcome == expected, "hold attempt \(attempt): \(outcome)")
        default:
            try await ledger.release(job: job, [token])
            tell("release attempt \(attempt): \(model.release(attempt))")
        }
    }

    /// What a person decides about an attempt, of whatever state the person believes it to be.
    private mutating func decide() async throws {
        guard let attempt = decidedAttempt() else { return }
        let token = tokens[attempt]
        let job = jobs[model.attempts[attempt].job]
        guard random.percent(70) else {
            let outcome = try await ledger.reject(job: job, token, by: "ann", reason: "wrong")
            let expected: MarkOutcome = model.reject(attempt) ? .recorded(.failed) : .fenced
            return expect(outcome == expected, "reject attempt \(attempt): \(outcome)")
        }
        let isApproval = random.percent(60)
        let version = isApproval ? model.attempts[attempt].version : random.below(2)
        let request = TakeRequest(
            job: job, key: token.key, fence: token.fence, tableIdentity: table, transformVersion: "\(version)",
            user: "ann", reason: "right", lease: .seconds(3_600))
        let claim = isApproval ? try await ledger.takeHeld(request) : try await ledger.takeForUndo(request)
        tell("\(isApproval ? "approve" : "undo") attempt \(attempt)")
        learn(
            claim.map { [$0] } ?? [],
            model.take(attempt, for: isApproval ? .approve : .undo, version: version, now: Self.now))
    }

    /// One that has to be decided, mostly.
    private mutating func decidedAttempt() -> Int? {
        let waiting = tokens.indices.filter { [.held, .complete].contains(model.standing($0)) }
        guard !waiting.isEmpty, random.percent(70) else { return anyAttempt() }
        return waiting[random.below(waiting.count)]
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
        let choices: [ModelLedger.Status] = [.pending, .held, .complete, .failed]
        let wanted = choices[random.below(4)]
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

    private func change(_ job: Int, _ key: Int, _ assignment: String) async throws {
        try await cluster.execute(
            """
            UPDATE \(schema).partition_progress SET \(assignment)
            WHERE job = '\(jobs[job])' AND partition_key = '\(Self.keys[key])'
            """)
    }

    private mutating func expect(_ isAlike: Bool, _ what: String) {
        tell(what)
        if !isAlike { differ(what) }
    }

    private mutating func tell(_ text: String) { story.append(text) }

    mutating func differ(_ text: String) {
        story.append("DIFFERENT: " + text)
        differences.append(text)
    }
}

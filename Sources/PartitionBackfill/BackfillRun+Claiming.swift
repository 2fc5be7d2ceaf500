internal import FaultPoints
internal import Lakehouse
internal import Partitions
internal import ProgressStore

/// How a run gets its work: it asks the ledger until nothing is left, here or elsewhere.
extension BackfillRun {
    func claimUntilNothingIsLeft() async throws -> Part {
        var pause: Duration = .seconds(1)
        while true {
            try Task.checkCancellation()
            switch await dispatcher.nextStep() {
            case .finished:
                await release(await dispatcher.takeUnbegun())
                return .claimer
            case .wait:
                await dispatcher.waitForChange(atMost: await dispatcher.hasWaiting ? pause : nil)
            case .rest(let time):
                await dispatcher.waitForChange(atMost: time)
            case .giveBack:
                await release(await dispatcher.takeUnbegun())
            case .claim(let window, let limit):
                try await claim(window, limit: limit)
            case .price(let keys):
                await dispatcher.priced(keys, try await prices(of: keys))
            case .examine(let keys):
                let rows = try await ledger.rows(job: job.name, keys: keys)
                let examined = await dispatcher.examined(rows, of: keys) { row in
                    // An attempt that began before this plan: a later one was made for a plan that is newer than this.
                    isOfAnotherVersion(row) && row.fence <= plan.fence
                }
                pause = examined.wait
                for row in examined.finished { noteFinishedElsewhere(row) }
            }
        }
    }

    /// Past attempts that are looked at while workers wait for what is claimed next: fewer than for a plan.
    private static let mostRecent = 32

    /// What partitions will cost; where only sizes count, the ledger is not asked.
    private func prices(of keys: [PartitionKey]) async throws -> [PartitionKey: PartitionPrice] {
        let pricer = PartitionPricer(job: job, ledger: ledger, tables: sources)
        guard request.maxBytes != nil, steering.settings.order != .largest else {
            return try await pricer.prices(of: keys, mostRecent: Self.mostRecent).prices
        }
        return try await pricer.bytes(of: keys).bytes.mapValues { PartitionPrice(bytes: $0) }
    }

    private func claim(_ window: [PartitionKey], limit: Int) async throws {
        let sentAt = ContinuousClock.now
        let limits = steering.limits
        let reply = try await ledger.claim(
            ClaimRequest(
                job: job.name, tableIdentity: table?.identity, run: run, transformVersion: job.version,
                candidates: window, limit: limit, planFence: plan.fence,
                includesComplete: request.selection == .all,
                staleSources: Set(window.filter { plan.reason(of: $0) == .staleSource }), lease: request.lease,
                deadline: request.deadline, takeoverLimit: request.takeovers),
            within: limits)
        let claims = reply.claims
        if !claims.isEmpty { try FaultInjector.fromEnvironment.reached(.claimed) }
        for claim in claims {
            events.emit(.claimed(claim.key, attempt: claim.attempt, takenOver: claim.predecessor != nil))
        }
        // What the limits did not admit was not looked at.
        let admitted = min(limit, reply.admitted)
        await dispatcher.granted(claims, of: window, limit: admitted, sentAt: sentAt)
        if admitted < limit || reply.nextIn != nil {
            await dispatcher.rest(
                until: .now + (reply.nextIn ?? BackfillRun.limitPeriod), orUntilPartitionEnds: reply.nextIn == nil)
        }
    }

    /// How long to wait before another look whether others have left room within a limit.
    ///
    /// A slot that is handed over is empty for so long; whoever has not looked within a second is waited for no longer.
    private static let limitPeriod: Duration = .milliseconds(250)

    private func isOfAnotherVersion(_ row: ProgressRow) -> Bool {
        row.status == .complete && row.transformVersion.map { $0 != job.version } ?? false
    }

    private static let otherVersion =
        "Another process has meanwhile completed it with another version of the transform. Let one version run at a time, "
        + "then run the command again."

    private func noteFinishedElsewhere(_ row: ProgressRow) {
        switch row.status {
        case .complete where isOfAnotherVersion(row):
            tally.noteFailed(row.key, Self.otherVersion)
            return events.emit(.finishedElsewhere(row.key, wasComplete: false))
        case .complete: tally.noteCompleteElsewhere()
        case .held: tally.noteHeld(row.key, row.errorMessage ?? "held by another process")
        case .cancelled: tally.noteCancelled()
        default: tally.noteFailed(row.key, row.errorMessage ?? "failed in another process")
        }
        events.emit(.finishedElsewhere(row.key, wasComplete: row.status == .complete))
    }
}

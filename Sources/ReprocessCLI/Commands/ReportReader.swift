internal import Foundation
internal import ProgressStore

/// Reads what a run was from the ledger, and from nothing else.
struct ReportReader: Sendable {
    let ledger: Ledger

    /// The report of a run.
    func report(of run: RunRow, now: Date = Date()) async throws -> RunReport {
        var builder = RunReportBuilder(
            run, isLive: try await isLive(run), events: try await ledger.controlEvents(run: run.id), now: now)
        try await ledger.forEachAttempt(ofRun: run.id) { builder.add($0) }
        return builder.finish()
    }

    /// The runs among these whose processes are at work.
    func live(among runs: [RunRow]) async throws -> Set<Int64> {
        var live: Set<Int64> = []
        for job in Set(runs.filter { $0.outcome == nil }.map(\.job)) {
            live.formUnion(try await ledger.liveRuns(job: job).map(\.id))
        }
        return live
    }

    private func isLive(_ run: RunRow) async throws -> Bool { try await live(among: [run]).contains(run.id) }
}

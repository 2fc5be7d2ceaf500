import Foundation
import Synchronization
import TestSupport

/// What the run tells about itself.
extension ChaosRun {
    /// Says where it stands, once a minute.
    func reportProgressEachMinute() {
        let minutes = Int(started.duration(to: .now) / .seconds(60))
        let isNew = reportedMinutes.withLock { reported in
            defer { reported = max(reported, minutes) }
            return minutes > reported
        }
        guard isNew else { return }
        collectCounts()
        say(
            "\(minutes) min, round \(tally[.rounds] + 1), \(tally[.launched]) workers started, "
                + "\(tally[.killed] + tally[.killedAtPoint]) killed, \(tally[.stopped]) stopped, "
                + "\(tally[.restarts]) restarts, \(tally[.checks]) days checked")
    }

    private func say(_ line: String) { FileHandle.standardOutput.write(Data("chaos: \(line)\n".utf8)) }

    /// Takes over what proxy and readers have counted.
    func collectCounts() {
        let proxied = proxy.counts
        tally.set(.cut, proxied.cut)
        tally.set(.turnedAway, proxied.refused)
        tally.set(.stalled, proxied.stalled)
        tally.set(.swallowedClaims, proxied.swallowed[.claim, default: 0])
        tally.set(.swallowedCompletions, proxied.swallowed[.complete, default: 0])
        tally.set(.swallowedBatches, proxied.swallowed[.recordBatch, default: 0])
        tally.set(
            .swallowedOthers, proxied.swallowed[.heartbeat, default: 0] + proxied.swallowed[.openRun, default: 0])
        let read = readers.compactMap(\.counts)
        func sum(_ count: KeyPath<TableReader.Counts, Int>) -> Int { read.map { $0[keyPath: count] }.reduce(0, +) }
        tally.set(.reads, sum(\.reads))
        tally.set(.checks, sum(\.checks))
        tally.set(.repeated, sum(\.repeated))
        tally.set(.absent, sum(\.absent))
        tally.set(.errors, sum(\.errors))
        tally.set(.wrong, sum(\.wrong))
        tally.set(.published, tally[.rounds] * project.days.values.reduce(0) { $0 + $1.count })
    }

    func countAttempts() async throws {
        let schema = ChaosProject.schema
        let outcomes = try await cluster.execute("SELECT outcome, count(*) FROM \(schema).attempt GROUP BY 1")
        let items: [String: ChaosTally.Item] = [
            "ADOPTED": .adoptions, "LOST": .lost, "RELEASED": .released, "RETRY": .retried,
        ]
        for row in outcomes {
            if let item = items[row[0] ?? ""] { tally.set(item, row[1].flatMap { Int($0) } ?? 0) }
        }
        let takeovers = try await cluster.execute(
            "SELECT count(*) FROM \(schema).attempt WHERE predecessor_fence IS NOT NULL")
        tally.set(.takeovers, takeovers.first?[0].flatMap { Int($0) } ?? 0)
        let most = try await cluster.execute(
            """
            SELECT max(takeovers) FROM (
                SELECT count(*) AS takeovers FROM \(schema).attempt WHERE predecessor_fence IS NOT NULL
                GROUP BY job, partition_key, transform_version) AS t
            """)
        tally.set(.mostTakeovers, most.first?[0].flatMap { Int($0) } ?? 0)
    }
}

import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import ProgressStore

/// A real standby takes the primary's place.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
    /// A primary and the standby that follows it.
    private struct Pair {
        let primary: TestCluster
        let standby: TestCluster

        init(standbySettings: [String] = []) async throws {
            primary = try await TestCluster()
            standby = try await TestCluster(following: primary, settings: standbySettings)
        }

        /// Stops the primary when the standby has, and shows, what it has acknowledged.
        func losePrimary() async throws {
            let written = try await primary.execute("SELECT pg_current_wal_lsn()")[0][0] ?? ""
            let replayed = "SELECT pg_last_wal_replay_lsn() >= '\(written)'"
            while try await standby.execute(replayed) != [["t"]] {}
            try await primary.stop()
        }
    }

    private static let schema = "reprocess"

    /// What the address says of the servers it wants: nothing, so that the program's default holds, or any.
    @Test(arguments: ["", " target_session_attrs=any"])
    func `Work waits at a standby until it is promoted, and goes on by itself`(attributes: String) async throws {
        let pair = try await Pair()
        let proxy = try TestProxy(before: pair.primary)
        let told = Recorder<String?>()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo + attributes),
            options: LedgerOptions(worker: "w", onAvailability: { told.add($0) }))
        let claims = try await ledger.claim(request(days(3)))
        #expect(try await ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
        try await pair.losePrimary()
        proxy.redirect(to: pair.standby)
        async let outcomes = ledger.complete(job: "orders", claims[1...].map { completion($0) })
        async let beat = ledger.heartbeat(job: "orders", run: 1, [claims[1].token], lease: .seconds(90))
        async let more = ledger.claim(request(Array(days(5)[3...])))
        while told.values.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        let reason = told.values[0] ?? ""
        #expect(reason.contains("read-only"), "\(reason)")
        #expect(
            try await pair.standby.execute("SELECT count(*) FROM reprocess.attempt WHERE outcome = 'COMPLETE'")
                == [["1"]])
        try await pair.standby.promote()
        #expect(try await outcomes == [.recorded(.complete), .recorded(.complete)])
        _ = try await beat
        let further = try await more
        #expect(further.map(\.key) == Array(days(5)[3...]))
        // The new fences are above every one that the old primary gave.
        let oldest = try #require(claims.map(\.token.fence).max())
        #expect(further.allSatisfy { $0.token.fence > oldest })
        #expect(told.values.last == .some(nil))
        let attempts = try await pair.standby.execute(
            "SELECT partition_key, string_agg(outcome, ',') FROM reprocess.attempt GROUP BY 1 ORDER BY 1")
        #expect(attempts.map { $0[1] } == ["COMPLETE", "COMPLETE", "COMPLETE", "RUNNING", "RUNNING"])
    }

    @Test func `With both hosts in the address it goes to the one that takes writes`() async throws {
        let pair = try await Pair()
        // The standby stands first: it is passed over now, and used when it has been promoted.
        let conninfo = "host='\(pair.standby.folder),\(pair.primary.folder)' port=5432 user=reprocess dbname=postgres"
        let ledger = try await Ledger.open(.server(conninfo: conninfo), options: LedgerOptions(worker: "w"))
        let claims = try await ledger.claim(request(days(2)))
        #expect(claims.count == 2)
        try await pair.losePrimary()
        try await pair.standby.promote()
        #expect(
            try await ledger.complete(job: "orders", claims.map { completion($0) })
                == [.recorded(.complete), .recorded(.complete)])
        #expect(try await pair.standby.execute("SELECT count(*) FROM reprocess.attempt") == [["2"]])
    }

    @Test func `A claim that the new primary never heard of is fenced`() async throws {
        let pair = try await Pair()
        let proxy = try TestProxy(before: pair.primary)
        let ledger = try await Ledger.open(.server(conninfo: proxy.conninfo), options: LedgerOptions(worker: "w"))
        _ = try await ledger.openRun(runRequest(days(1)))
        // The standby is cut off here: what follows is acknowledged and lost, as with every asynchronous standby.
        try await pair.standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
        try await pair.standby.execute("SELECT pg_reload_conf()")
        while try await pair.standby.execute("SELECT count(*) FROM pg_stat_wal_receiver") != [["0"]] {}
        let claim = try await ledger.claim(request(days(1))).only()
        try await pair.primary.stop(immediate: true)
        proxy.redirect(to: pair.standby)
        try await pair.standby.promote()
        // Somebody else gets the partition there, perhaps with the same fence: the claim's id tells the two apart.
        let other = try await Ledger.open(
            .server(conninfo: pair.standby.conninfo), options: LedgerOptions(worker: "other"))
        let taken = try await other.claim(request(days(1))).only()
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.fenced])
        #expect(try await other.complete(job: "orders", [completion(taken)]) == [.recorded(.complete)])
    }

    @Test func `At the start a standby is waited for, and then told with what to do`() async throws {
        let pair = try await Pair()
        let clock = Mutex(Duration.zero)
        let timing = Timing(
            now: { clock.withLock { $0 } }, sleep: { pause in clock.withLock { $0 += pause } }, random: { 1 })
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(
                .server(conninfo: pair.standby.conninfo), options: LedgerOptions(worker: "w"), timing: timing)
        }
        #expect(clock.withLock { $0 } > .seconds(5))
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("takes no writes") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("host=a,b") == true)
        let promotion = Mutex(false)
        let patient = Timing(
            now: { clock.withLock { $0 } },
            sleep: { _ in
                let isFirst = promotion.withLock { isDone in
                    defer { isDone = true }
                    return !isDone
                }
                if isFirst { try await pair.standby.promote() }
            }, random: { 1 })
        let ledger = try await Ledger.open(
            .server(conninfo: pair.standby.conninfo), options: LedgerOptions(worker: "w"), timing: patient)
        #expect(promotion.withLock { $0 })
        #expect(try await ledger.claim(request(days(1))).count == 1)
    }

    /// A server that is starting says 57P03, as does a standby that may not be read.
    @Test func `A server that takes no connections yet is waited for`() async throws {
        let pair = try await Pair(standbySettings: ["hot_standby=off"])
        let pauses = Recorder<Duration>()
        let clock = Mutex(Duration.zero)
        let timing = Timing(
            now: { clock.withLock { $0 } },
            sleep: { pause in
                pauses.add(pause)
                clock.withLock { $0 += pause }
                if pauses.values.count == 3 { try await pair.standby.promote() }
            }, random: { 1 })
        let impatient = LedgerOptions(worker: "w", connectTimeout: .milliseconds(100))
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(.server(conninfo: pair.standby.conninfo), options: impatient, timing: timing)
        }
        #expect(error?.sqlState == "57P03")
        #expect(error?.message.contains("takes no connections yet") == true)
        let ledger = try await Ledger.open(
            .server(conninfo: pair.standby.conninfo), options: LedgerOptions(worker: "w"), timing: timing)
        #expect(pauses.values.count >= 3)
        #expect(try await ledger.claim(request(days(1))).count == 1)
    }
}

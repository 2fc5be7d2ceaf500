import Foundation
import Synchronization
import TestSupport

/// The whole of it: workers, readers, faults, and a judgement after each round.
///
/// A round is one generation of the whole table: the transform is changed, the workers are started, and the round ends
/// when each of them has found nothing left to do.
final class ChaosRun: Sendable {
    private let settings: ChaosSettings
    private let directory: TemporaryDirectory
    /// What every process of the run is started with.
    let environment: [String: String]
    private let watchdog: Watchdog
    let project: ChaosProject
    let cluster: TestCluster
    let proxy: ChaosProxy
    private let pool: WorkerPool
    private let driver: FaultDriver
    let readers: [TableReader]
    private let logs: String
    let started = ContinuousClock.now
    /// No more faults come, and none lasts.
    private let isCalm = Mutex(false)
    let reportedMinutes = Mutex(0)
    let tally = ChaosTally()

    init(_ settings: ChaosSettings) async throws {
        self.settings = settings
        directory = try TemporaryDirectory()
        watchdog = try Watchdog(over: directory.path)
        logs = directory.appending("logs")
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
        project = try ChaosProject(path: directory.appending("project"), seed: settings.seed)
        cluster = try await TestCluster()
        proxy = try ChaosProxy(before: cluster.folder + "/.s.PGSQL.5432")
        environment = watchdog.environment.merging([
            "REPROCESS_DATABASE_URL": proxy.conninfo, ChaosJob.batchRows: "10",
        ]) { $1 }
        pool = WorkerPool(
            project: project, settings: settings, environment: environment, tally: tally, logs: logs)
        driver = FaultDriver(
            schedule: FaultSchedule(seed: settings.seed, lease: settings.lease), pool: pool, cluster: cluster,
            proxy: proxy, tally: tally)
        let read = TableReader.Engine.allCases.map { (ChaosJob.figures, $0) } + [(.batched, .duckdb)]
        readers = try read.map { [project, watchdog] job, engine in
            try TableReader(
                engine, table: project.table(job), expectations: project.expectations(job),
                environment: watchdog.environment)
        }
    }

    /// Runs round after round until the time for faults is over; at least two.
    func run() async throws {
        let deadline = ContinuousClock.now + .seconds(settings.seconds)
        var before: [ChaosJob: [String: AttemptName]] = [:]
        var round = 0
        do {
            while round < 2 || .now < deadline {
                round += 1
                before = try await run(round, before: before, faultsUntil: deadline)
                tally.add(.rounds)
                try await cleanCompletely()
                try forgetLogs()
            }
            for reader in readers { try await reader.end() }
            try await checkByCommands()
            try await checkBreakers()
            collectCounts()
            try await countAttempts()
            guard tally[.takenUp] > 0 else {
                throw ChaosFailure("Nobody has gone on after a lost worker's batches: that it works was not tried.")
            }
        } catch {
            throw await failure(error, in: round)
        }
    }

    /// One generation of the whole table.
    private func run(
        _ round: Int, before: [ChaosJob: [String: AttemptName]], faultsUntil deadline: ContinuousClock.Instant
    ) async throws -> [ChaosJob: [String: AttemptName]] {
        let floor = round == 1 ? 0 : try await LedgerFacts.floor(of: cluster)
        try await allow(round - 1...round)
        try project.write(generation: round)
        try await workUnderFaults(until: deadline)
        try await allow(round...round)
        var publishers: [ChaosJob: [String: AttemptName]] = [:]
        for job in ChaosJob.allCases {
            let audit = RoundAudit(
                days: project.days[job] ?? [:], floor: floor, before: before[job] ?? [:],
                ledger: try await LedgerFacts(of: cluster, job, above: floor), table: try TableFacts(of: project, job))
            let content = ContentAudit(table: project.table(job), bronze: project.bronze(job), generation: round)
            let violations = audit.violations() + (try await content.violations())
            guard violations.isEmpty else {
                throw ChaosFailure("\(violations.count) violations of \(job):\n" + violations.joined(separator: "\n"))
            }
            publishers[job] = audit.publishers
        }
        return publishers
    }

    /// Ends when the workers have, or at once when anything else goes wrong.
    private func workUnderFaults(until deadline: ContinuousClock.Instant) async throws {
        enum Part { case workers, others }
        // Before the first worker is started, which is judged by it.
        isCalm.withLock { $0 = false }
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { [self] in
                try await pool.work { [self] in isCalm.withLock { $0 } }
                return .workers
            }
            group.addTask { [self] in
                try await driver.drive(until: deadline)
                isCalm.withLock { $0 = true }
                return .others
            }
            group.addTask { [self] in
                try await cleanBesideTheWorkers()
                return .others
            }
            group.addTask { [self] in
                try await watch()
                return .others
            }
            do {
                while let part = try await group.next() {
                    if part == .workers { group.cancelAll() }
                }
            } catch {
                group.cancelAll()
                await pool.killAll()
                throw error
            }
        }
    }

    /// Wakes who was stopped, and notices at once when a reader has something to say.
    private func watch() async throws {
        while !Task.isCancelled {
            await pool.wakeTheStopped()
            try listenToReaders()
            reportProgressEachMinute()
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
        }
    }

    private func listenToReaders() throws {
        let complaints = readers.flatMap(\.complaints)
        guard complaints.isEmpty else {
            throw ChaosFailure("Readers saw:\n" + complaints.prefix(100).joined(separator: "\n"))
        }
    }

    private func allow(_ generations: ClosedRange<Int>) async throws {
        for reader in readers { try reader.allow(generations) }
        for reader in readers { try await reader.waitForRead(generations) }
        try listenToReaders()
    }

    /// The failure with where its evidence is, or why there is none.
    private func failure(_ error: any Error, in round: Int) async -> ChaosFailure {
        let evidence = Evidence(seed: settings.seed)
        let findings = "Round \(round) of \(settings.command)\n\(error)"
        do {
            try await evidence.keep(findings, project: project, logs: logs, cluster: cluster)
            return ChaosFailure("\(findings.prefix(5000))\nMore is in \(evidence.folder).")
        } catch let other {
            return ChaosFailure("\(findings.prefix(5000))\nNot all of the evidence was kept: \(other)")
        }
    }

    private func forgetLogs() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: logs) {
            try FileManager.default.removeItem(atPath: logs + "/" + name)
        }
    }
}

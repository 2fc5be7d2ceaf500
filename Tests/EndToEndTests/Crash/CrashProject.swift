import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

/// Six days of orders, in the table as the first version made them, and processes that die or stop while they make the
/// next one.
final class CrashProject: Sendable {
    /// Short, so that a dead worker's partitions are free soon.
    static let lease = "1s"
    private static let days = "2024-01-01"..."2024-01-06"

    let project: Project
    let keys: [String]
    let format: TableFormat

    /// Makes the project, and its first version unless the ledger shall be empty.
    init(
        hasFirstVersion: Bool = true, days: ClosedRange<String> = CrashProject.days, format: TableFormat = .hive,
        program: String = "reprocess"
    ) async throws {
        self.format = format
        project = try await Project(
            days: days, transform: OrdersVersion.first.transform(), format: format, program: program)
        keys = try Project.keys(days).map(\.description)
        try pause([], for: .zero)
        guard hasFirstVersion else { return }
        let first = try await project.run("run", "--from", days.lowerBound, "--to", days.upperBound, "--json")
        try #require(first.code == 0, "\(first)")
    }

    /// The place of the table.
    var table: String { project.directory.appending("lake/orders") }

    /// The place of stagings, records and replaced generations.
    var sibling: String { table + ".reprocess" }

    /// Changes the transform.
    func use(_ version: OrdersVersion, _ pace: OrdersVersion.Pace = .quick) throws {
        try project.write("transforms/orders.sql", version.transform(pace))
    }

    /// Says how long some of the days take, where the transform is one that asks.
    ///
    /// This is no part of the transform's version.
    func pause(_ keys: [String], for duration: Duration) throws {
        let milliseconds = Int(duration / .milliseconds(1))
        try project.write(
            "pauses.csv", (["day,milliseconds"] + keys.map { "\($0),\(milliseconds)" }).joined(separator: "\n") + "\n")
    }

    /// Starts a run over all days.
    func start(
        fault: String? = nil, workers: Int = 2, lease: String = CrashProject.lease, options more: [String] = []
    ) throws -> RunningProcess {
        let range = ["run", "--from", try #require(keys.first), "--to", try #require(keys.last)] + more
        let options = ["--workers", "\(workers)", "--lease", lease, "--retries", "0", "--json"]
        return try project.start(range + options, environment: ["REPROCESS_FAULT": fault])
    }

    /// Starts a run that comes to a fault point, and pushes it there.
    func start(
        to point: FaultPoint, _ action: String, arrival: Int = 1, pushedAfter event: String = "claimed"
    ) async throws -> RunningProcess {
        let road = point.road
        let process = try start(fault: road.fault(point, action, arrival: arrival), workers: road.workers)
        switch road.push {
        case .none: break
        case .endedConnections:
            try await process.wait(untilOutputContains: "\"\(event)\"")
            try await endConnections(of: process)
        case .interrupts:
            try await process.wait(untilOutputContains: "\"\(event)\"")
            process.send(SIGINT)
            try await process.wait(untilOutputContains: "\"stopping\"")
            process.send(SIGINT)
        }
        return process
    }

    /// Has a run killed at a fault point, and sees that it is dead and that the server knows.
    func kill(at point: FaultPoint, arrival: Int = 1, pushedAfter event: String = "claimed") async throws {
        let process = try await start(to: point, "kill", arrival: arrival, pushedAfter: event)
        try await awaitDeath(of: process)
    }

    /// Waits until a process was killed and the server has finished what it was asked last.
    func awaitDeath(of process: RunningProcess) async throws {
        try #require(try await process.wait() == .signalled(SIGKILL), "\(process.output)\n\(process.errorOutput)")
        try await eventually { try await self.connections(of: process).isEmpty }
    }

    /// Ends the leases of dead workers at once.
    ///
    /// That they end by themselves is what other tests wait for.
    func letLeasesEnd() async throws {
        try await project.query(
            """
            UPDATE \(project.schema).partition_progress SET lease_expires_at = now() - interval '1 second'
            WHERE status = 'RUNNING'
            """)
    }

    /// Runs to the end, as a user who starts the same command again.
    @discardableResult
    func finish() async throws -> String {
        let process = try start()
        try #require(try await process.wait() == .exited(0), "\(process.output)\n\(process.errorOutput)")
        return process.output
    }

    /// The server's processes that work for a process.
    func connections(of process: RunningProcess) async throws -> [String] {
        try await project.query("SELECT pid FROM pg_stat_activity WHERE \(application(of: process))").compactMap {
            $0[0]
        }
    }

    private func endConnections(of process: RunningProcess) async throws {
        let ended = try await project.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(application(of: process))")
        try #require(!ended.isEmpty)
    }

    private func application(of process: RunningProcess) -> String {
        "application_name LIKE 'reprocess %:\(process.id):%'"
    }
}

extension RunningProcess {
    /// Waits until the kernel says that the process is stopped.
    func waitUntilStopped() async throws {
        try await eventually {
            // proc(5): pid, (name), state.
            let status = try String(contentsOfFile: "/proc/\(self.id)/stat", encoding: .utf8)
            let state = status[(status.lastIndex(of: ")") ?? status.startIndex)...].dropFirst(2).first
            try #require(state != "Z", "The process has ended.\n\(self.output)\n\(self.errorOutput)")
            return state == "T"
        }
    }

    /// The events of a run about a partition, from its output.
    func events(of key: String) -> [String] {
        output.split(separator: "\n").filter { $0.contains("\"partition\":\"\(key)\"") }.compactMap { line in
            line.firstRange(of: "\"event\":\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
        }
    }
}

/// Waits for something that no event tells of.
func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < end, "It has not come true within 60 s.")
        try await Task.sleep(for: .milliseconds(10))
    }
}

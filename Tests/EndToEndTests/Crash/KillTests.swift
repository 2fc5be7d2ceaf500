import FaultPoints
import Foundation
import TestSupport
import Testing

/// A run that is killed at a named step, again at the same step further on, and started once more.
@Suite(.timeLimit(.minutes(5))) struct KillTests {
    @Test(arguments: FaultOnTable.all)
    func `After kill -9 at any step the same command ends the work, and nothing is made twice`(
        fault: FaultOnTable
    ) async throws {
        let point = fault.point
        let road = point.road
        let crash = try await CrashProject(for: road, fault.format)
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second, road.pace)
        if case .lostWorker(let earlier) = road.start {
            try await crash.kill(at: earlier)
            try await history.look()
        }
        // Where a process is waited for that something else kills, it does not end before.
        try crash.pause(crash.keys, for: .seconds(600))
        try await crash.kill(at: point)
        try await history.look()
        if let later = road.later {
            try crash.pause(crash.keys.suffix(1), for: .seconds(600))
            try await crash.kill(at: point, arrival: later, pushedAfter: "completed")
            try await history.look()
            try await crash.letLeasesEnd()
        }
        try crash.pause([], for: .zero)
        if case .endless = road.pace { try crash.use(.second) }
        try await crash.finish()
        try await history.checkEnd(.second)
        try await history.checkCleaned()
    }

    @Test func `Killed in the middle of writing a file, a run leaves nothing that stays`() async throws {
        let crash = try await CrashProject(days: "2024-01-01"..."2024-01-01")
        var history = CrashHistory(crash)
        try await history.look()
        try crash.use(.second, .bulky)
        let process = try crash.start()
        try await eventually { crash.stagedBytes > 1_000_000 }
        process.send(SIGKILL)
        try await crash.awaitDeath(of: process)
        let left = try await history.look()
        #expect(left.partitions.values.map(\.version) == [.first])
        #expect(crash.stagedBytes > 1_000_000)
        try crash.use(.second)
        try await crash.finish()
        #expect(crash.stagedBytes == 0)
        try await history.checkEnd(.second)
    }

    @Test func `Of twenty processes that find no ledger some die while they make it, and it is made once`() async throws
    {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let start = { (fault: String?) in
            try project.start(["status", "--json"], environment: ["REPROCESS_FAULT": fault])
        }
        let first = try start("migrating:kill")
        #expect(try await first.wait() == .signalled(SIGKILL))
        try await eventually {
            try await project.query("SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%:\(first.id):%'")
                .isEmpty
        }
        #expect(try await project.query("SELECT to_regnamespace('\(project.schema)')") == [[nil]])
        let rest = try (1..<20).map { number in
            try start(number.isMultiple(of: 4) ? "migrating:kill" : number.isMultiple(of: 3) ? "migrated:kill" : nil)
        }
        for (number, process) in zip(1..., rest) {
            let end = try await process.wait()
            let mayDie = number.isMultiple(of: 4) || number.isMultiple(of: 3)
            #expect(end == .exited(0) || (mayDie && end == .signalled(SIGKILL)), "\(process.errorOutput)")
        }
        let versions = try await project.query(
            "SELECT count(*) = max(version) AND min(version) = 1 FROM \(project.schema).schema_version")
        #expect(versions == [["t"]])
        let run = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-01")
        #expect(run.code == 0, "\(run)")
    }
}

extension CrashProject {
    /// A project in which a process finds what its road begins with.
    convenience init(for road: FaultRoad, _ format: TableFormat) async throws {
        if case .emptyLedger = road.start {
            try await self.init(hasFirstVersion: false, format: format)
        } else {
            try await self.init(format: format)
        }
    }

    /// The size of what is staged.
    var stagedBytes: Int {
        project.files(below: "lake/orders.reprocess/staging").reduce(0) { sum, name in
            var status = stat()
            // A file may go between the listing and the look.
            return stat("\(sibling)/staging/\(name)", &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }
}

import FaultPoints
import Foundation
import TestSupport
import Testing

/// Processes that die, or are stopped and overtaken, while they read a partition in batches.
@Suite(.timeLimit(.minutes(5))) struct BatchCrashTests {
    @Test(arguments: BatchFault.all)
    func `After kill -9 at any step the same command goes on, and no batch is read twice`(
        fault: BatchFault
    ) async throws {
        let batches = try await BatchProject(fault.format, fault.transform)
        let process = try batches.start(fault: "\(fault.point.rawValue):kill:\(fault.arrival)")
        try await batches.crash.awaitDeath(of: process)
        let recorded = try await batches.recorded()
        let kept = try batches.nodes(below: "lake/orders.reprocess/batches")
        let isDone = fault.point == .batchesForgotten
        #expect(recorded == fault.recorded)
        #expect(batches.project.partitions().contains { $0.hasPrefix("order_date=") } == isDone)

        let next = try batches.start()
        try #require(try await next.wait() == .exited(0), "\(next.output)\n\(next.errorOutput)")
        let events = next.events(of: BatchProject.day)
        #expect(events.filter { $0 == "batch_finished" }.count == (isDone ? 0 : BatchProject.count - recorded))
        #expect(events.contains("batches_taken_up") == (recorded > 0))
        // The files of the batches that counts are those of the table; hard links, not copies.
        let published = try batches.nodes(below: "lake/orders")
        #expect(kept.intersection(published).count == (isDone ? BatchProject.count : recorded))
        try await batches.checkEnd()
    }

    @Test(arguments: BatchFault.all)
    func `A run that was stopped at any step and overtaken changes nothing when it wakes up`(
        fault: BatchFault
    ) async throws {
        let batches = try await BatchProject(fault.format, fault.transform)
        let sleeper = try batches.start(fault: "\(fault.point.rawValue):stop:\(fault.arrival)")
        try await sleeper.waitUntilStopped()
        try await batches.crash.letLeasesEnd()
        let next = try batches.start()
        try #require(try await next.wait() == .exited(0), "\(next.output)\n\(next.errorOutput)")
        let rows = try await batches.project.query("SELECT * FROM \(batches.project.schema).partition_progress")
        let published = try batches.nodes(below: "lake/orders")
        sleeper.send(SIGCONT)
        #expect(try await sleeper.wait() == .exited(0), "\(sleeper.output)\n\(sleeper.errorOutput)")
        #expect(try batches.nodes(below: "lake/orders") == published)
        #expect(try await batches.project.query("SELECT * FROM \(batches.project.schema).partition_progress") == rows)
        try await batches.checkEnd()
    }

    @Test(arguments: [TableFormat.hive, .delta])
    func `A sleeper that wakes up while its successor reads batches takes nothing away from it`(
        format: TableFormat
    ) async throws {
        let batches = try await BatchProject(format)
        let sleeper = try batches.start(fault: "batchSynced:stop:3")
        try await sleeper.waitUntilStopped()
        try await batches.crash.letLeasesEnd()
        // Both have the files of the third batch on the disk, and the ledger has not heard of it from either.
        let next = try batches.start(fault: "batchSynced:stop:1", lease: "60s")
        try await next.waitUntilStopped()
        #expect(try await batches.recorded() == 2)
        sleeper.send(SIGCONT)
        // For it, the partition is in the hands of another process, whose end it waits for.
        try await sleeper.wait(untilOutputContains: "\"lost\"")
        #expect(try await batches.recorded() == 2)
        next.send(SIGCONT)
        #expect(try await next.wait() == .exited(0), "\(next.output)\n\(next.errorOutput)")
        #expect(try await sleeper.wait() == .exited(0), "\(sleeper.output)\n\(sleeper.errorOutput)")
        try await batches.checkEnd()
    }

    @Test(arguments: [TableFormat.hive, .delta])
    func `A sleeper that wakes up while its partition is made anew removes no batch of the next generation`(
        format: TableFormat
    ) async throws {
        let batches = try await BatchProject(format)
        let sleeper = try batches.start(fault: "batchesForgotten:stop:1")
        try await sleeper.waitUntilStopped()
        let next = try batches.start(fault: "batchRecorded:stop:3", lease: "60s", options: ["--only", "all"])
        try await next.waitUntilStopped()
        let kept = try batches.nodes(below: "lake/orders.reprocess/batches")
        sleeper.send(SIGCONT)
        #expect(try await sleeper.wait() == .exited(0), "\(sleeper.output)\n\(sleeper.errorOutput)")
        // Gone are its own five, and the three that count are there.
        let left = try batches.nodes(below: "lake/orders.reprocess/batches")
        #expect(kept.count == 8 && left.count == 3 && left.isSubset(of: kept))
        #expect(try await batches.recorded() == 3)
        next.send(SIGCONT)
        #expect(try await next.wait() == .exited(0), "\(next.output)\n\(next.errorOutput)")
        try await batches.checkEnd()
    }

    @Test func `A trial of some batches leaves the table as it is, and the next run goes on`() async throws {
        let batches = try await BatchProject(.hive)
        let range = ["--from", BatchProject.day, "--to", BatchProject.day]
        let trial = try batches.project.start(["run", "--max-batches", "2"] + range)
        #expect(try await trial.wait() == .exited(3), "\(trial.errorOutput)")
        #expect(trial.errorOutput.contains("2 batches (20 rows) finished"))
        #expect(trial.errorOutput.contains("To go on"))
        #expect(try await batches.project.ledger() == ["\(BatchProject.day) PENDING"])
        let cleaning = try await batches.project.run("clean", "--keep", "0s")
        #expect(cleaning.code == 0, "\(cleaning)")
        #expect(batches.project.files(below: "lake/orders.reprocess/batches").count == 2)
        #expect(try await batches.recorded() == 2)
        let next = try batches.start()
        #expect(try await next.wait() == .exited(0), "\(next.errorOutput)")
        #expect(next.events(of: BatchProject.day).filter { $0 == "batch_finished" }.count == 3)
        try await batches.checkEnd()
    }

    @Test func `A limit on batches is refused for a job that has none`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let run = try await project.run("run", "--max-batches", "2", "--from", "2024-01-01", "--to", "2024-01-01")
        #expect(run.code == 64 && run.errors.contains("is not read in batches"), "\(run)")
    }
}

/// A step of a partition that is read in batches.
struct BatchFault: Sendable, CustomTestStringConvertible {
    let format: TableFormat
    let transform: BatchProject.Transform
    let point: FaultPoint

    var testDescription: String { "\(format), \(transform): \(point)" }

    static let all = [(TableFormat.hive, BatchProject.Transform.sql), (.delta, .sql), (.hive, .closure)].flatMap {
        (format, transform) in
        FaultPoint.batches.map { BatchFault(format: format, transform: transform, point: $0) }
    }

    /// The arrival at which a process dies there, the first day alone.
    var arrival: Int { point == .batchSynced || point == .batchRecorded ? 3 : 1 }

    /// The batches that the ledger knows then.
    var recorded: Int {
        switch point {
        case .batchSynced: 2
        case .batchRecorded: 3
        case .batchesTaken: BatchProject.count
        default: 0
        }
    }
}

/// One day of fifty orders, read ten at a time.
struct BatchProject {
    /// What makes the batches: a statement, or a closure, whose table is one of Hive directories.
    enum Transform { case sql, closure }

    static let day = "2024-01-01"
    static let count = 5

    let crash: CrashProject
    let format: TableFormat
    var project: Project { crash.project }

    init(_ format: TableFormat, _ transform: Transform = .sql) async throws {
        self.format = format
        crash = try await CrashProject(
            hasFirstVersion: false, days: Self.day...Self.day, format: format,
            program: transform == .sql ? "reprocess" : "BatchProbe")
        try project.write("transforms/orders.sql", Project.fixedTransform)
        try project.write(
            "reprocess.yaml",
            transform == .closure
                ? "schema: \(project.schema)\n"
                : Project.configuration(
                    schema: project.schema, extra: "    batch: { by: [order_id], rows: 10 }", format: format))
        try project.writeBronze(try #require(try Project.keys(Self.day...Self.day).first), orders: 1...50)
    }

    func start(
        fault: String? = nil, lease: String = CrashProject.lease, options: [String] = []
    ) throws -> RunningProcess {
        try crash.start(fault: fault, lease: lease, options: options)
    }

    /// The batches that the ledger knows.
    func recorded() async throws -> Int {
        Int(try await project.query("SELECT count(*) FROM \(project.schema).batch_checkpoint")[0][0] ?? "") ?? -1
    }

    /// The numbers that the Parquet files of a folder keep, whatever they are called.
    func nodes(below folder: String) throws -> Set<UInt64> {
        Set(
            try project.files(below: folder).filter { $0.hasSuffix(".parquet") && !$0.hasPrefix("_delta_log") }.map {
                name in
                var status = stat()
                try #require(stat(project.directory.appending("\(folder)/\(name)"), &status) == 0)
                return UInt64(status.st_ino)
            })
    }

    /// Whether the table holds what an uninterrupted run makes, and cleaning leaves nothing else.
    func checkEnd(_ location: SourceLocation = #_sourceLocation) async throws {
        #expect(try await project.ledger() == ["\(Self.day) COMPLETE"], sourceLocation: location)
        let rows = format == .hive ? try await TableRows.read(crash.table) : try await TableRows.readDelta(crash.table)
        #expect(rows.reduce(0) { $0 + $1.count } == 50, sourceLocation: location)
        // 1 to 50, times 1.1.
        #expect(
            rows.reduce(Decimal(0)) { $0 + (Decimal(string: $1.sum) ?? 0) } == Decimal(string: "1402.5"),
            sourceLocation: location)
        #expect(try await recorded() == 0, sourceLocation: location)
        let cleaning = try await project.run("clean", "--keep", "0s")
        #expect(cleaning.code == 0, "\(cleaning)", sourceLocation: location)
        #expect(project.partitions(of: "lake/orders.reprocess/batches").isEmpty, sourceLocation: location)
    }
}

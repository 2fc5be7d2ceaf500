// A Delta table in a process of its own, which can be measured, stopped and killed:
// DeltaProbe read TABLE COLUMN                          says what the log has, and what reading it took
// DeltaProbe publish TABLE KEY FENCE CLAIM FILE ROWS    replaces one partition by a copy of a file
// DeltaProbe hold TABLE KEY FENCE CLAIM FILE ROWS       sets the copy aside instead
// DeltaProbe approve … ROWS FENCE CLAIM                 replaces it by what is held of another attempt, and drops that
// DeltaProbe undo … ROWS FENCE CLAIM                    replaces it by what another attempt replaced
// DeltaProbe backfill TABLE FIRST COUNT FENCE FILE ROWS replaces partitions one after the other, from a first day on
// DeltaProbe group TABLE FIRST COUNT FENCE FILE ROWS    replaces partitions by one entry, behind one more before the first
// DeltaProbe crowd TABLE FIRST DAYS FOLDER             replaces days at random until FOLDER/stop exists
// DeltaProbe speed TABLE COUNT WORKERS FILE ROWS        replaces as many partitions with so many threads, and says how long
// REPROCESS_FAULT says where the process is to be killed or stopped; of a group, after it has been made.
internal import Dispatch
internal import FaultPoints
internal import Foundation
internal import Glibc
internal import Lakehouse
internal import Partitions
internal import Synchronization

func run(_ arguments: [String]) throws -> String {
    switch (arguments.dropFirst().first, arguments.count) {
    case ("read", 4): return try read(arguments[2], arguments[3])
    case ("publish", 8): return try publish(Array(arguments.dropFirst(2)))
    case ("hold", 8), ("approve", 10), ("undo", 10): return try decide(Array(arguments.dropFirst()))
    #if DEBUG
        case ("group", 8): return try group(Array(arguments.dropFirst(2)))
    #endif
    case ("crowd", 6): return try crowd(Array(arguments.dropFirst(2)))
    case ("speed", 7): return try speed(Array(arguments.dropFirst(2)))
    case ("backfill", 8): return try backfill(Array(arguments.dropFirst(2)))
    default: return "usage: see the source"
    }
}

func read(_ root: String, _ column: String) throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let summary = try DeltaLogSummary(root: root, column: column)
    let time = (clock.now - start) / .seconds(1)
    return "version \(summary.version) files \(summary.files) values \(summary.partitions) seconds \(time)"
}

func publish(_ arguments: [String]) throws -> String {
    guard let fence = Int64(arguments[2]), let claimID = UUID(uuidString: arguments[3]),
        let rows = Int64(arguments[5])
    else { return "usage: see the source" }
    let table = try DeltaTable(path: arguments[0], column: "order_date", every: .day)
    let key = try PartitionKey(parsing: arguments[1], as: .day)
    return try replace(key, of: table, Writer(fence: fence, claimID: claimID), by: arguments[4], rows)
}

func decide(_ arguments: [String]) throws -> String {
    guard let writer = attempt(arguments[3], arguments[4]), let rows = Int64(arguments[6]) else {
        return "usage: see the source"
    }
    let table = try DeltaTable(path: arguments[1], column: "order_date", every: .day)
    let staging = try table.begin(PartitionKey(parsing: arguments[2], as: .day), writer: writer)
    let other = arguments.count == 9 ? attempt(arguments[7], arguments[8]) : nil
    switch (arguments[0], other) {
    case ("approve", let held?): try table.stageHeld(by: held, into: staging)
    case ("undo", let undone?): try table.stageReplaced(by: undone, into: staging)
    default:
        try FileManager.default.copyItem(atPath: arguments[5], toPath: staging.directory + "/data.parquet")
        return "held \(try table.hold(staging).files.count)"
    }
    switch try table.publish(staging, rows: rows) {
    case .published(let generation):
        if let other, arguments[0] == "approve" { try table.dropHeld(staging.key, by: other) }
        return "published \(generation.version)"
    case .fenced(let higher): return "fenced \(higher)"
    }
}

func attempt(_ fence: String, _ claimID: String) -> Writer? {
    guard let fence = Int64(fence), let claimID = UUID(uuidString: claimID) else { return nil }
    return Writer(fence: fence, claimID: claimID)
}

func backfill(_ arguments: [String]) throws -> String {
    guard let count = Int(arguments[2]), let fence = Int64(arguments[3]), let rows = Int64(arguments[5]) else {
        return "usage: see the source"
    }
    let table = try DeltaTable(path: arguments[0], column: "order_date", every: .day)
    let first = try PartitionKey(parsing: arguments[1], as: .day)
    for number in 0..<count {
        let writer = Writer(fence: fence + Int64(number), claimID: UUID())
        let outcome = try replace(first.advanced(by: number), of: table, writer, by: arguments[4], rows)
        guard outcome.hasPrefix("published") else { return outcome }
    }
    return "published \(count)"
}

#if DEBUG
    /// Attempts that are ready at the same moment: one more, at the day before, has the lead until all wait behind it.
    func group(_ arguments: [String]) throws -> String {
        guard let count = Int(arguments[2]), let fence = Int64(arguments[3]), let rows = Int64(arguments[5]) else {
            return "usage: see the source"
        }
        let key = try PartitionKey(parsing: arguments[1], as: .day)
        let (isOpen, mayGo, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchGroup())
        let (opener, isGrouped) = (Flag(), Flag())
        let faults = FaultInjector { point in
            if point == .aboutToCommit, opener.raise() {
                isOpen.signal()
                mayGo.wait()
            }
            if point == .groupMade { _ = isGrouped.raise() }
            // The one before the group comes to its own end meanwhile.
            if isGrouped.isUp, Thread.current.name != "opener" { try FaultInjector.fromEnvironment.reached(point) }
        }
        let table = try DeltaTable(path: arguments[0], column: "order_date", every: .day, faults: faults)
        let lines = Mutex<[String]>([])
        for number in 0...count {
            done.enter()
            Thread.detachNewThread {
                defer { done.leave() }
                if number == 0 { Thread.current.name = "opener" }
                let (day, writer) = (
                    key.advanced(by: number - 1), Writer(fence: fence + Int64(number), claimID: UUID())
                )
                var outcome: String
                do {
                    outcome = try replace(day, of: table, writer, by: arguments[4], rows)
                } catch {
                    outcome = "failed \(error)"
                }
                lines.withLock { $0.append("\(day) \(outcome)") }
            }
            if number == 0 { isOpen.wait() }
        }
        while table.waitingCommits < count { usleep(500) }
        mayGo.signal()
        done.wait()
        return lines.withLock { $0.sorted().joined(separator: "\n") }
    }
#endif

/// Something that happens once.
final class Flag: Sendable {
    private let state = Mutex(false)

    var isUp: Bool { state.withLock { $0 } }

    /// Whether this was the first time.
    func raise() -> Bool {
        state.withLock { state in
            defer { state = true }
            return !state
        }
    }
}

/// Four threads, so that some are ready at the same moment.
func crowd(_ arguments: [String]) throws -> String {
    guard let days = Int(arguments[2]) else { return "usage: see the source" }
    let crowd = try Crowd(
        arguments[0], first: PartitionKey(parsing: arguments[1], as: .day), days: days, folder: arguments[3])
    let done = DispatchGroup()
    for _ in 0..<4 {
        done.enter()
        Thread.detachNewThread {
            do {
                try crowd.run()
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            done.leave()
        }
    }
    done.wait()
    return "stopped"
}

/// The time of every partition of a table, by threads that each take the next one.
func speed(_ arguments: [String]) throws -> String {
    guard let count = Int(arguments[1]), let workers = Int(arguments[2]), let rows = Int64(arguments[4]) else {
        return "usage: see the source"
    }
    let table = try DeltaTable(path: arguments[0], column: "order_date", every: .day)
    let first = try PartitionKey(parsing: "2000-01-01", as: .day)
    let fences = Int64(Date().timeIntervalSince1970)
    let next = Mutex(0)
    let errors = Mutex<[String]>([])
    let (clock, done) = (ContinuousClock(), DispatchGroup())
    let start = clock.now
    for _ in 0..<workers {
        done.enter()
        Thread.detachNewThread {
            defer { done.leave() }
            while let number = next.withLock({ next -> Int? in
                defer { next += 1 }
                return next < count ? next : nil
            }) {
                do {
                    let writer = Writer(fence: fences, claimID: UUID())
                    let outcome = try replace(first.advanced(by: number), of: table, writer, by: arguments[3], rows)
                    if !outcome.hasPrefix("published") { errors.withLock { $0.append(outcome) } }
                } catch {
                    errors.withLock { $0.append("\(error)") }
                }
            }
        }
    }
    done.wait()
    let each = (clock.now - start) / .milliseconds(1) / Double(count)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func milliseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1000 + Double(time.tv_usec) / 1000 }
    return "ms each \(each) user \(milliseconds(usage.ru_utime) / Double(count)) system "
        + "\(milliseconds(usage.ru_stime) / Double(count)) errors \(errors.withLock { $0.prefix(3) })"
}

func replace(
    _ key: PartitionKey, of table: DeltaTable, _ writer: Writer, by file: String, _ rows: Int64
) throws -> String {
    let staging = try table.begin(key, writer: writer)
    try FileManager.default.copyItem(atPath: file, toPath: staging.directory + "/data.parquet")
    switch try table.publish(staging, rows: rows) {
    case .published(let generation): return "published \(generation.version)"
    case .fenced(let higher): return "fenced \(higher)"
    }
}

/// The most memory that this process has had, in KiB.
func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
}

do {
    print(try run(CommandLine.arguments))
    if ["read", "publish"].contains(CommandLine.arguments.dropFirst().first) { print("peak \(try peakMemory())") }
} catch let error as TableError {
    print("\(error.code == .fenced ? "fenced" : "failed") \(error)")
} catch {
    print("failed \(error)")
}

// A Delta table in a process of its own, which can be measured, stopped and killed:
// DeltaProbe read TABLE COLUMN                          says what the log has, and what reading it took
// DeltaProbe publish TABLE KEY FENCE CLAIM FILE ROWS    replaces one partition by a copy of a file
// DeltaProbe backfill TABLE FIRST COUNT FENCE FILE ROWS replaces partitions one after the other, from a first day on
// REPROCESS_FAULT says where the process is to be killed or stopped.
internal import Foundation
internal import Lakehouse
internal import Partitions

func run(_ arguments: [String]) throws -> String {
    switch (arguments.dropFirst().first, arguments.count) {
    case ("read", 4): return try read(arguments[2], arguments[3])
    case ("publish", 8): return try publish(Array(arguments.dropFirst(2)))
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

// Begins one partition, stages a copy of a file and publishes it: PublishProbe TABLE KEY FENCE CLAIM FILE
// … hold                   sets it aside instead
// … approve FENCE CLAIM    publishes what is held of another attempt instead, and drops that
// … undo FENCE CLAIM       puts back what another attempt replaced instead
// Prints what became of it. REPROCESS_FAULT says where the process is to be killed or stopped.
internal import Foundation
internal import Lakehouse
internal import Partitions

func run(_ arguments: [String]) throws -> String {
    guard arguments.count >= 6, let writer = attempt(arguments[3], arguments[4]) else { return "usage: see the source" }
    let table = try HiveTable(path: arguments[1], column: "order_date")
    let key = try PartitionKey(parsing: arguments[2], as: .day)
    let staging = try table.begin(key, writer: writer)
    let other = arguments.count == 9 ? attempt(arguments[7], arguments[8]) : nil
    switch (arguments.dropFirst(6).first, other) {
    case (nil, _): try copy(arguments[5], into: staging)
    case ("hold", _):
        try copy(arguments[5], into: staging)
        return "held \(try table.hold(staging).files.count)"
    case ("approve", let held?): try table.stageHeld(by: held, into: staging)
    case ("undo", let undone?): try table.stageReplaced(by: undone, into: staging)
    default: return "usage: see the source"
    }
    switch try table.publish(staging, rows: 3) {
    case .published(let generation):
        if let other, arguments[6] == "approve" { try table.dropHeld(key, by: other) }
        return "published \(generation.version)"
    case .fenced(let higher): return "fenced \(higher)"
    }
}

func copy(_ file: String, into staging: Staging) throws {
    try FileManager.default.copyItem(atPath: file, toPath: staging.directory + "/data.parquet")
}

func attempt(_ fence: String, _ claimID: String) -> Writer? {
    guard let fence = Int64(fence), let claimID = UUID(uuidString: claimID) else { return nil }
    return Writer(fence: fence, claimID: claimID)
}

do {
    print(try run(CommandLine.arguments))
} catch let error as TableError {
    print("\(error.code == .fenced ? "fenced" : "failed") \(error)")
} catch {
    print("failed \(error)")
}

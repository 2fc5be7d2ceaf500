// Begins one partition, stages a copy of a file and publishes it: PublishProbe TABLE KEY FENCE CLAIM FILE
// Prints what became of it. REPROCESS_FAULT says where the process is to be killed or stopped.
internal import Foundation
internal import Lakehouse
internal import Partitions

func run(_ arguments: [String]) throws -> String {
    guard arguments.count == 6, let fence = Int64(arguments[3]), let claimID = UUID(uuidString: arguments[4]) else {
        return "usage: PublishProbe TABLE KEY FENCE CLAIM FILE"
    }
    let table = try HiveTable(path: arguments[1], column: "order_date")
    let key = try PartitionKey(parsing: arguments[2], as: .day)
    let staging = try table.begin(key, writer: Writer(fence: fence, claimID: claimID))
    try FileManager.default.copyItem(atPath: arguments[5], toPath: staging.directory + "/data.parquet")
    switch try table.publish(staging, rows: 3) {
    case .published(let generation): return "published \(generation.version)"
    case .fenced(let higher): return "fenced \(higher)"
    }
}

do {
    print(try run(CommandLine.arguments))
} catch let error as TableError {
    print("\(error.code == .fenced ? "fenced" : "failed") \(error)")
} catch {
    print("failed \(error)")
}

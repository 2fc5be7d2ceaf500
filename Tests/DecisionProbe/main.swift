// Decides about one day of a table: DecisionProbe CONNINFO SCHEMA FORMAT TABLE DAY hold|approve|reject|undo
// Prints what became of it. REPROCESS_FAULT says where the process is to be killed.
internal import PartitionBackfill
internal import ProgressStore

func run(_ arguments: [String]) async throws -> String {
    guard arguments.count == 7 else { return "usage: DecisionProbe CONNINFO SCHEMA FORMAT TABLE DAY VERB" }
    let options = LedgerOptions(schema: arguments[2], worker: "probe:\(Int.random(in: 1...Int.max))")
    let ledger = try await Ledger.open(.server(conninfo: arguments[1]), options: options)
    let target: PartitionedTarget =
        arguments[3] == "delta"
        ? .delta(arguments[4], partitionedBy: "day") : .hive(arguments[4], partitionedBy: "day")
    let job = Job("orders", version: "2", target: target) { partition in
        try await partition.overwrite("SELECT range AS id, '2' AS word FROM range(3)")
    }
    let backfill = try Backfill(job: job, ledger: ledger, engine: DuckDBSQLEngine())
    let days = PartitionSet(granularity: .day, keys: [try PartitionKey(parsing: arguments[5], as: .day)])
    switch arguments[6] {
    case "hold":
        let request = BackfillRequest(partitions: days, lease: .seconds(1), holdsEverything: true)
        let plan = try await backfill.plan(request)
        return "held \(try await backfill.run(plan, request, stop: StopSignal()) { _ in }.held)"
    case "approve":
        return "\(try await backfill.approve(try await backfill.held(days), by: "probe", reason: "test").entries)"
    case "reject":
        return "\(try await backfill.reject(try await backfill.held(days), by: "probe", reason: "test").entries)"
    default:
        let request = UndoRequest(scope: .partitions(days), user: "probe", reason: "test", lease: .seconds(1))
        return "\(try await backfill.undo(request).entries)"
    }
}

print(try await run(CommandLine.arguments))

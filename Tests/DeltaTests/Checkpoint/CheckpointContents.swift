import DuckDBEngine
import Foundation

/// How many actions of each kind are in a checkpoint.
struct CheckpointContents {
    let adds: Int
    let removes: Int
    let transactions: Int

    init(_ path: String) throws {
        let database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
        let query =
            #"SELECT count("add"."path"), count("remove"."path"), count("txn"."appId") FROM read_parquet('\#(path)')"#
        let row = try database.connect().run(query, in: CancellationScope()).rows.first ?? []
        (adds, removes, transactions) = (
            Int(row[0].integer ?? -1), Int(row[1].integer ?? -1), Int(row[2].integer ?? -1)
        )
    }
}

// The command line of a job in Swift that reads its partitions in batches, so that it can be killed and stopped.
// REPROCESS_FAULT says where.
internal import PartitionBackfill
internal import ReprocessCLI
internal import Transforms

@main
struct BatchProbe: BackfillApplication {
    static let jobs = [
        Job("orders", version: "2", target: .hive("lake/orders", partitionedBy: "order_date")) { day in
            let source = Source(path: "bronze/%Y-%m-%d.csv", format: .csv)
            for try await batch in day.batches(by: ["order_id"], of: source, rows: 10) {
                // What the batches before it have written down, by whatever process.
                let rows = Int(batch.previousFields["rows"] ?? "") ?? 0
                guard rows == batch.number * 10 else {
                    throw AttemptFailure.permanent("Batch \(batch.number) was told of \(rows) rows before it.")
                }
                let result = try await batch.overwrite(
                    """
                    SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id,
                        amount::DECIMAL(12, 2) AS amount, round(amount::DECIMAL(12, 2) * 1.10, 2) AS amount_usd
                    FROM source
                    """)
                batch.fields["rows"] = "\(rows + Int(result.rows))"
            }
        }
    ]
}

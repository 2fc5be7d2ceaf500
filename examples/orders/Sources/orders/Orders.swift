import PartitionBackfill
import ReprocessCLI

/// The shop's orders in US dollars: the transform as it was fixed.
@main
struct Orders: BackfillApplication {
    static let jobs = [
        // Version 1 kept only `amount > 0`, which threw the refunds out together with the tests of the checkout.
        Job("orders_usd", version: "2", target: .hive("lake/silver/orders_usd", partitionedBy: "order_date")) { day in
            try await day.overwrite(
                """
                SELECT ordered_at::DATE AS order_date, order_id, customer_id, ordered_at, currency, amount,
                    round(amount * usd_rate, 2)::DECIMAL(12, 2) AS amount_usd
                FROM read_parquet('lake/bronze/orders/order_date=\(day.key)/*.parquet')
                WHERE amount <> 0
                ORDER BY order_id
                """)
        }
    ]
}

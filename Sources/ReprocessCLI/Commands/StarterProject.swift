internal import Partitions

/// The files that `init` writes: a small project that runs as it is.
enum StarterProject {
    struct File: Sendable {
        /// Relative to the project's folder.
        let path: String
        let text: String
    }

    static let transformPath = "transforms/daily_orders.sql"
    static let dataFolder = "data/bronze/orders"
    static let firstDay = "2024-01-01"
    static let lastDay = "2024-01-07"

    static var files: [File] {
        [File(path: ConfigurationFile.name, text: configuration), File(path: transformPath, text: transform)]
            + days.map { File(path: "\(dataFolder)/\($0).csv", text: orders(on: $0)) }
    }

    private static var days: [CivilDate] {
        (1...7).compactMap { CivilDate(year: 2024, month: 1, day: $0) }
    }

    private static let configuration = """
        # reprocess replaces the history of a table one partition at a time. This project runs as it is:
        #   reprocess run --from \(firstDay) --to \(lastDay)
        # Paths are relative to this file. ${NAME} and ${NAME:-default} stand for environment variables.

        # The ledger: a PostgreSQL server of yours. Without it: PGHOST and its kin, else a small server of its own
        # in .reprocess/, started and stopped on demand.
        # database: ${REPROCESS_DATABASE_URL}

        jobs:
          daily_orders:
            description: the orders of a day, in dollars
            partition: { column: order_date, every: day }    # hour | day | month
            source:                                          # the relation `source` of the transform
              path: \(dataFolder)/%Y-%m-%d.csv           # %Y %m %d %H: fields of the partition
              format: csv                                    # csv | parquet | json | hive
            target: { path: lake/daily_orders, format: hive }  # hive: folders of Parquet files | delta: a Delta table
            transform: \(transformPath)
            audits:                                          # judged before anything is published
              - unique: [order_id]
              - not_null: [customer, amount_eur]
              - row_count_drop: { limit: 10%, severity: hold }   # fail | hold, until you decide | warn
            run: { retries: 1 }

        """

    private static let transform = """
        -- One SELECT. It sees the files of one partition as `source`; $partition, $partition_start and
        -- $partition_end (exclusive) are the partition's key and bounds.
        -- A row of another day would fail the partition, and nothing of it would be published.
        SELECT
            order_id,
            customer,
            order_date,
            amount_eur,
            round(amount_eur * 1.1, 2) AS amount_usd
        FROM source

        """

    /// The orders of a day: the same on every machine.
    private static func orders(on day: CivilDate) -> String {
        let rows = (1...20).map { number -> String in
            let mixed = (day.day * 7919 + number * 104_729) % 100_003
            let cents = mixed % 100
            return
                "\(day.day * 1000 + number),customer-\(mixed % 17 + 1),\(day),\(mixed % 250 + 1).\(cents < 10 ? "0" : "")\(cents)"
        }
        return (["order_id,customer,order_date,amount_eur"] + rows).joined(separator: "\n") + "\n"
    }
}

public import Partitions

/// What runs at work were foretold to take.
extension Ledger {
    /// Forecasts that are read at once; the ranges of more runs than these are not told apart.
    public static let mostForecasts = 4

    /// Records what the partitions of a run will probably take, so that any machine can tell when it will be done.
    ///
    /// What was recorded first stays; of a run that is over nothing is recorded.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - planned: The number of partitions that it planned.
    ///   - partitions: Those that were looked at: 4,096 at most.
    /// - Throws: `LedgerError`.
    public func recordForecast(run: Int64, planned: Int, _ partitions: [ForetoldPartition]) async throws {
        guard !partitions.isEmpty else { return }
        let statement = RecordForecast(run: run, planned: max(planned, partitions.count), partitions: partitions)
        _ = try await work.with { line in try await line.run(statement) }
    }

    /// What the runs of a job at work were foretold to take, one for each range that they have.
    ///
    /// Runs that began a moment ago, and those of earlier versions of the program, have none.
    public func forecasts(job: String, in range: PartitionRange?) async throws -> [RunForecast] {
        let statement = PriceForecast(job: job, range: range, limit: Ledger.mostForecasts)
        let rows = try await work.with { line in try await line.run(statement) }
        var forecasts: [RunForecast] = []
        var places: [Int64: Int] = [:]
        for row in rows {
            if let place = places[row.run] {
                forecasts[place].partitions += row.partitions
            } else {
                places[row.run] = forecasts.count
                forecasts.append(row)
            }
        }
        // The one that stands for most partitions first, whatever order the rows came in.
        return forecasts.sorted { ($1.planned, $0.run) < ($0.planned, $1.run) }
    }
}

internal import Partitions
internal import ProgressStore

/// How a run tells other machines what it will take.
extension BackfillRun {
    /// Records what the partitions of the plan will probably take, beside the work, once the run has lasted for a while.
    ///
    /// Without it `status` foretells by the number of partitions: it fails no run.
    func recordForecast() async throws -> Part {
        do {
            try await Task.sleep(for: clock.forecastDelay)
            let ranges = plan.segments.filter(\.reason.isRun).map(\.range)
            let keys = EvenSample.keys(of: ranges)
            guard !keys.isEmpty else { return .forecast }
            let prices = try await PartitionPricer(job: job, ledger: ledger, tables: sources).prices(of: keys).prices
            let partitions = keys.map { key in
                ForetoldPartition(key: key, bytes: prices[key]?.bytes, seconds: prices[key]?.seconds)
            }
            try await ledger.recordForecast(run: run, planned: plan.runCount, partitions)
        } catch {
            // The run is over, whatever was about to be found out.
            if Task.isCancelled { return .forecast }
            events.emit(
                .tableNotice(
                    message: "What this run will take cannot be recorded, so that 'status' foretells its end by the "
                        + "number of partitions: \(error)"))
        }
        return .forecast
    }
}

/// One of the jobs that the workers of a run share, each with a table of its own.
enum ChaosJob: String, CaseIterable, Sendable {
    /// Many small partitions, each made in one pass.
    case figures
    /// Fewer partitions, each read in batches.
    case batched

    /// The first and the last day.
    var days: (first: String, last: String) {
        switch self {
        case .figures: ("2023-07-01", "2024-06-30")
        case .batched: ("2024-01-01", "2024-01-28")
        }
    }

    /// How many rows a day has.
    var rows: ClosedRange<Int> { self == .figures ? 20...60 : 60...120 }

    /// How many of a number of worker processes work on it.
    func share(of processes: Int) -> Int {
        let batched = processes * 3 / 8
        return self == .batched ? batched : processes - batched
    }

    /// All days, as the command line has them.
    var range: [String] { ["--from", days.first, "--to", days.last] }

    /// Says to each process how many rows a batch is to have.
    static let batchRows = "CHAOS_BATCH_ROWS"

    /// The job in the configuration.
    ///
    /// A partition may need more lives than usual where so much is done to it.
    var yaml: String {
        """
          \(rawValue):
            partition: { column: day, every: day }
            source: { path: bronze/\(rawValue)/%Y-%m-%d.csv, format: csv }
            target: { path: lake/\(rawValue), format: hive }
            transform: transforms/figures.sql

        """
            + (self == .batched
                ? "    batch: { by: [id], rows: \"${\(Self.batchRows)}\" }\n    run: { takeovers: 20 }\n" : "")
    }
}

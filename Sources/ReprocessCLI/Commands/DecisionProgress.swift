internal import PartitionBackfill

/// Shows how far a decision about many partitions has come: a line on a terminal, and nothing elsewhere.
///
/// The command tells in the end what became of each partition.
struct DecisionProgress {
    let job: String
    /// How many partitions it is about; 0 where nobody knows.
    let total: Int
    /// What happens to the partitions: `published`, `put back`.
    let verb: String
    let arguments: Arguments
    let console: Console

    /// Shows what `body` does, which passes on what happens; where it is interrupted, says how far it came.
    func shown<Result>(
        _ body: (@escaping @Sendable (BackfillEvent) -> Void) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        let form: LookDisplay.Form = arguments.has("json") ? .none : .line
        let display = LookDisplay(job: job, total: total, console: console, form: form) { ContinuousClock.now - start }
        do {
            return try await display.shown {
                try await body { if case .completed = $0 { display.advance() } }
            }
        } catch let error as CancellationError {
            let done = NumberText.counted(display.done, "partition")
            let place = total > 0 ? " of \(NumberText.grouped(total))" : ""
            console.alert("Stopped: \(done)\(place) \(verb); the rest is as it was. Run the command again for it.\n")
            throw error
        }
    }
}

internal import PartitionBackfill
internal import ProgressStore
internal import Synchronization

/// Passes on what the ledger tells about itself: to the console, or to what shows a run meanwhile.
final class LedgerNotices: Sendable {
    /// How long a database that went away is waited for.
    static let patience = Duration.seconds(600)

    private let console: Console
    private let listener = Mutex<(@Sendable (BackfillEvent) -> Void)?>(nil)

    init(console: Console) { self.console = console }

    /// The options that let a ledger tell.
    func options(schema: String, worker: String) -> LedgerOptions {
        LedgerOptions(
            schema: schema, worker: worker, reconnectTimeout: LedgerNotices.patience,
            onAvailability: { [self] message in note(message) },
            onPreparation: { [self] sentence in console.say("\(console.paths.shortened(sentence)) …\n") })
    }

    /// Sends what comes to a listener while `body` runs.
    func diverted<Result>(
        to newListener: @escaping @Sendable (BackfillEvent) -> Void, _ body: () async throws -> Result
    ) async throws -> Result {
        listener.withLock { $0 = newListener }
        defer { listener.withLock { $0 = nil } }
        return try await body()
    }

    /// Takes a sentence where the database does not answer any more, and nil where it does again.
    func note(_ message: String?) {
        let event = message.map { BackfillEvent.ledgerUnavailable(message: $0) } ?? .ledgerAvailable
        if let listener = listener.withLock({ $0 }) { return listener(event) }
        console.say(LedgerNotices.sentence(for: message, style: console.messageStyle) + "\n")
    }

    /// What people are told.
    static func sentence(for message: String?, style: Style) -> String {
        guard let message else { return style.green("The ledger answers again.") }
        let limit = NumberText.counted(Int(patience.seconds / 60), "minute")
        return style.yellow("The ledger does not answer; it is tried again for up to \(limit): ") + message.firstLine
    }
}

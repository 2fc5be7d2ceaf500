internal import Foundation

/// The clock by which a run looks at what is asked of it.
struct RunClock: Sendable {
    /// How often the ledger is asked.
    var period: Duration = .seconds(2)
    /// The time that counts for windows, given the database's.
    var time: @Sendable (Date) -> Date = { $0 }
}

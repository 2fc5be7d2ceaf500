internal import Foundation

/// The clocks of a run: by which it looks at what is asked of it, and by which it measures.
struct RunClock: Sendable {
    /// How often the ledger is asked.
    var period: Duration = .seconds(2)
    /// How long a run has lasted when it is foretold what it will take: a shorter one is done before anybody asks.
    var forecastDelay: Duration = .seconds(5)
    /// The time that counts for windows, given the database's.
    var time: @Sendable (Date) -> Date = { $0 }
    /// The clock that measures the time spent in the engine.
    var engine: @Sendable () -> ContinuousClock.Instant = { .now }
}

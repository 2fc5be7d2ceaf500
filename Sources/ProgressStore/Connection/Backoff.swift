/// How long to pause before each next try: full jitter, so that processes that lost the server together come back apart.
struct Backoff: Sendable {
    private static let first = 0.1
    private static let longest = 30.0
    private var tries = 0

    /// The next pause; `random` is drawn evenly from 0 to 1.
    mutating func next(random: Double) -> Duration {
        // 2^9 * 0.1 s is above the longest pause already.
        let ceiling = min(Backoff.longest, Backoff.first * Double(1 << min(tries, 9)))
        tries += 1
        return .seconds(ceiling * random)
    }
}

/// The clock and the chance that reconnecting depends on, so that a test can choose both.
struct Timing: Sendable {
    /// A clock that only runs forward.
    var now: @Sendable () -> Duration
    /// Pauses; throws where the task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void
    /// A number drawn evenly from 0 to 1.
    var random: @Sendable () -> Double

    /// The real ones.
    static let system: Timing = {
        let start = ContinuousClock.now
        return Timing(
            now: { start.duration(to: .now) },
            sleep: { try await Task.sleep(for: $0, clock: .continuous) },
            random: { Double.random(in: 0...1) })
    }()
}

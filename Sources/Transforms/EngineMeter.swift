internal import Synchronization

/// Adds up the time that an attempt spends in the engine: statements at work, and no waiting for their turn.
///
/// Sessions measure for the meter that is current in the task that calls them, whatever a transform does in between.
public final class EngineMeter: Sendable {
    /// The meter of the attempt that this task belongs to.
    @TaskLocal public static var current: EngineMeter?

    private let now: @Sendable () -> ContinuousClock.Instant
    private let total = Mutex(Duration.zero)

    /// Creates a meter.
    ///
    /// - Parameter now: The clock.
    public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// The time so far.
    public var elapsed: Duration { total.withLock { $0 } }

    /// Does work of the engine, and counts its time, also where it fails.
    public func measure<Result>(_ work: () throws -> Result) rethrows -> Result {
        let start = now()
        defer {
            let duration = start.duration(to: now())
            total.withLock { $0 += duration }
        }
        return try work()
    }
}

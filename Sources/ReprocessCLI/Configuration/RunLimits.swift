internal import Foundation
internal import PartitionBackfill

/// The bounds of the options of a run, the same for the command line and the configuration.
enum RunLimits {
    static let workers = 1...256
    /// Two for each core: the engine lets one of them compute, while the other publishes and waits for the disk.
    static var defaultWorkers: Int { 2 * ProcessInfo.processInfo.activeProcessorCount }
    static let retries = 0...100
    static let breaker = 0...1_000_000
    static let maxRunning = RunSettings.maxRunningBounds
    static let takeovers = 0...100
    /// Shorter leases are lost to a short pause of the machine; longer ones keep a dead worker's partitions for days.
    static let lease: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)
    static let leaseExplanation = "A lease lasts 1s to 1d."
    /// Attempts that take a month are better cut into smaller partitions.
    static let deadline: ClosedRange<Duration> = .seconds(1) ... .seconds(31 * 86_400)
    static let deadlineExplanation = "A deadline is 1s to 31d."
    /// Zero reaches the newest partitions, and those of the future too.
    static let settle: ClosedRange<Duration> = .zero ... .seconds(3660 * 86_400)
    static let settleExplanation = "Partitions settle within 0s to 3660d."
}

internal import Foundation

/// The bounds of the options of a run, the same for the command line and the configuration.
enum RunLimits {
    static let workers = 1...256
    /// One more than there are cores: small partitions wait for the disk half of the time, and with more workers than
    /// that big ones slow each other down.
    static var defaultWorkers: Int { ProcessInfo.processInfo.activeProcessorCount + 1 }
    static let retries = 0...100
    /// Shorter leases are lost to a short pause of the machine; longer ones keep a dead worker's partitions for days.
    static let lease: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)
    static let leaseExplanation = "A lease lasts 1s to 1d."
}

internal import ProgressStore
internal import Transforms

/// When a failed partition is tried again.
struct RetryPolicy: Sendable {
    /// How often a partition is tried again after its first attempt failed.
    let retries: Int
    /// The ceiling of the first delay; each further one doubles, up to `longest`.
    var shortest: Duration = .seconds(1)
    /// The ceiling that no delay exceeds.
    var longest: Duration = .seconds(60)

    /// Decides what becomes of a partition.
    ///
    /// - Parameters:
    ///   - failures: How often it has failed since it was last reopened, this time included.
    ///   - error: Why it failed now.
    ///   - random: A number in 0..<1 that spreads the delays of many partitions over half of the ceiling.
    /// - Returns: Another try after a delay, or none.
    func directive(failures: Int, error: any Error, random: Double) -> FailureDirective {
        guard failures <= retries, RetryPolicy.isWorthRepeating(error) else { return .giveUp }
        let ceiling = min(longest, shortest * (1 << min(failures - 1, 16)))
        return .retry(after: ceiling * (0.5 + random / 2))
    }

    /// What is wrong in the transform itself fails in the same way each time.
    static func isWorthRepeating(_ error: any Error) -> Bool {
        if error is ForeignFenceError || error is AuditError { return false }
        guard let error = error as? TransformError else { return true }
        return ![.syntax, .misuse, .outsidePartition, .engineMissing].contains(error.code)
    }
}

internal import ProgressStore
internal import Transforms

/// When a failed partition is tried again.
///
/// What passes by itself is tried again a few times where nothing else is said; what fails in the same way each time never
/// is; what nobody can tell is only where the user asked for it.
struct RetryPolicy: Sendable {
    /// How often a passing failure is tried again where the user did not say.
    static let defaultRetries = 3
    /// No server that says when to come back is waited for longer.
    static let longestWait: Duration = .seconds(3600)

    /// How often a partition is tried again after its first attempt failed; nil where the user did not say.
    let retries: Int?
    /// The ceiling of the first delay; each further one doubles, up to `longest`.
    var shortest: Duration = .seconds(1)
    /// The ceiling that no delay exceeds, but the one that a server asked for.
    var longest: Duration = .seconds(60)

    /// Decides what becomes of a partition.
    ///
    /// - Parameters:
    ///   - failures: How often it has failed since it was last reopened, this time included.
    ///   - error: Why it failed now.
    ///   - random: A number in 0..<1 that spreads the delays of many partitions over half of the ceiling.
    /// - Returns: Another try after a delay, or none.
    func directive(failures: Int, error: any Error, random: Double) -> FailureDirective {
        let failure = FailureClass(of: error)
        guard failures <= allowed(for: failure.nature) else { return .giveUp }
        let ceiling = min(longest, shortest * (1 << min(failures - 1, 16)))
        let delay = ceiling * (0.5 + random / 2)
        guard let asked = failure.retryAfter else { return .retry(after: delay) }
        return .retry(after: max(delay, min(asked, RetryPolicy.longestWait)))
    }

    private func allowed(for nature: FailureNature) -> Int {
        switch nature {
        case .permanent: 0
        case .transient: retries ?? RetryPolicy.defaultRetries
        case .outOfMemory, .unknown: retries ?? 0
        }
    }
}

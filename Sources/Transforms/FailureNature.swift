/// What another try of the same thing promises after a failure.
public enum FailureNature: Sendable, Hashable {
    /// The cause is elsewhere and passes by itself: a network, a busy server, a lock, a resource that others use.
    case transient
    /// It fails in the same way each time, until somebody changes something.
    case permanent
    /// There was not enough memory for what ran at the same time.
    case outOfMemory
    /// Nobody can tell: it is tried again only where the user asked for that.
    case unknown
}

/// An error that knows whether another try is worth it.
///
/// A closure may throw errors of its own that say so, or `AttemptFailure`.
public protocol ClassifiedFailure: Error {
    /// What another try promises.
    var nature: FailureNature { get }
    /// How long whoever refused wants to be left alone, where they said so: `Retry-After` of HTTP.
    var retryAfter: Duration? { get }
}

/// A failure that a closure reports together with what another try promises.
public struct AttemptFailure: ClassifiedFailure, CustomStringConvertible {
    /// What another try promises.
    public let nature: FailureNature
    /// A sentence for the user, with what to do next, and never a row of data.
    public let message: String
    /// How long whoever refused wants to be left alone.
    public let retryAfter: Duration?

    /// A failure that passes by itself.
    public static func transient(_ message: String, retryAfter: Duration? = nil) -> AttemptFailure {
        AttemptFailure(nature: .transient, message: message, retryAfter: retryAfter)
    }

    /// A failure that comes again each time.
    public static func permanent(_ message: String) -> AttemptFailure {
        AttemptFailure(nature: .permanent, message: message, retryAfter: nil)
    }

    /// The sentence for the user.
    public var description: String { message }
}

/// Watches over one exchange with the server: how long the server may be silent, and how long it may take to stop.
///
/// A peer that is gone is noticed by TCP; a machine in between that takes everything and passes nothing on is not.
struct AnswerWatch: Sendable {
    /// What the thread that waits does next.
    enum Step: Equatable {
        /// Waits for the socket, at most for so many milliseconds.
        case wait(Int32)
        /// Asks the server to stop the statement.
        case cancel
        /// Gives the connection up.
        case giveUp
    }

    /// Why the server was asked to stop.
    enum Reason: Equatable {
        /// The task that wanted the answer was cancelled.
        case interruption
        /// The server was silent for too long.
        case silence
    }

    /// How long a statement that is to stop may take to end before the connection is given up.
    static let stoppingTime = Duration.seconds(5)

    private let limit: Duration
    /// Why the server was asked to stop, where it was.
    private(set) var stopping: Reason?
    private var deadline: ContinuousClock.Instant

    /// Begins with a request; the server may be silent for as long as `limit`.
    init(limit: Duration, from now: ContinuousClock.Instant = .now) {
        self.limit = limit
        deadline = now + limit
    }

    /// The server has sent something: it lives, and may take its time again.
    mutating func heard(at now: ContinuousClock.Instant = .now) {
        if stopping == nil { deadline = now + limit }
    }

    /// Decides what is next while the answer is not complete.
    mutating func next(isInterrupted: Bool, at now: ContinuousClock.Instant = .now) -> Step {
        if stopping == nil, isInterrupted || now >= deadline {
            stopping = isInterrupted ? .interruption : .silence
            deadline = now + AnswerWatch.stoppingTime
            return .cancel
        }
        guard now < deadline else { return .giveUp }
        return .wait(Int32(clamping: now.duration(to: deadline).milliseconds + 1))
    }
}

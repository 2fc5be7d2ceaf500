public import Transforms

/// What was asked of a run while it ran, and what it does because of it.
public enum SteeringEvent: Sendable, Hashable {
    /// Nothing more is claimed until the run is told to go on.
    case paused(by: String?, reason: String?)
    /// It goes on.
    case resumed(by: String?)
    /// What runs is finished, nothing more is claimed, then it ends.
    case draining(by: String?, reason: String?)
    /// What runs is interrupted and given back, then it ends.
    case cancelling(by: String?, reason: String?)
    /// The same error again and again: nothing more is claimed.
    case breakerTripped(reason: String)
    /// Settings were changed; as they are now.
    case settings(RunSettings, by: String?)
    /// Nothing is started before the window opens.
    case windowClosed(window: TimeWindow)
    /// The window is open.
    case windowOpened
    /// Memory ran out: so many workers, and threads of the engine, from now on, until it has sufficed for a while.
    case crew(workers: Int, threads: Int? = nil)
}

/// Why a run ended before it was through.
public enum EarlyEnd: Sendable, Hashable {
    /// The same error again and again.
    case breaker(reason: String)
    /// Somebody asked it to finish what ran, and to end.
    case drained(by: String?, reason: String?)
    /// Somebody called it off.
    case cancelled(by: String?, reason: String?)
    /// As many batches were finished of each partition as were asked for: of so many partitions, which were given back.
    case batchLimit(partitions: Int, batches: Int, rows: Int64)

    /// What the ledger calls it.
    var outcome: String {
        switch self {
        case .breaker: "PAUSED"
        case .drained: "DRAINED"
        case .cancelled: "CANCELLED"
        case .batchLimit: "STOPPED"
        }
    }
}

/// One thing that is done to the system from outside.
///
/// Who is hit is a number, which means whoever stands at that place, counted around, when the fault comes.
enum Fault: Hashable {
    /// A worker process is killed at once.
    case kill(worker: UInt64)
    /// A worker process is asked to end, as when a machine is drained.
    case terminate(worker: UInt64)
    /// A worker process stands still for longer than its lease, and goes on.
    case stop(worker: UInt64, time: Duration)
    /// The server ends sessions, as an administrator would.
    case terminateBackends(Selection)
    /// The server loses everything but its disk, and recovers.
    case restartServer
    /// Connections break: with a reset, or with an orderly end.
    case cut(Selection, resets: Bool)
    /// Nobody can connect for a while.
    case refuse(time: Duration)
    /// Connections stay open and carry nothing, for longer than a lease. Then they go on, or break.
    case stall(Selection, time: Duration, cuts: Bool)
    /// The server does what it is asked next, and nobody hears of it.
    case swallowReply(RequestKind)

    /// Of those that there are.
    enum Selection: Hashable {
        /// Every one.
        case all
        /// Those whose place has a bit here.
        case some(mask: UInt64)

        func contains(_ place: Int) -> Bool {
            switch self {
            case .all: true
            case .some(let mask): mask >> UInt64(place % 64) & 1 == 1
            }
        }
    }
}

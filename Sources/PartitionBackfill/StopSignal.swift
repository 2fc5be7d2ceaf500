internal import Synchronization

/// How a run is asked to stop, from a signal handler or another task.
///
/// First `drain`: what runs is finished, nothing more is claimed. Then `abort`: what runs is interrupted and left for
/// others.
public final class StopSignal: Sendable {
    /// How far a stop has been asked for.
    public enum Level: Int, Sendable, Comparable {
        case none, drain, abort

        /// Orders by urgency.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var level = Level.none
        var listeners: [Int: @Sendable (Level) -> Void] = [:]
        var nextListener = 0
    }

    private let state = Mutex(State())

    /// Creates a signal that asks for nothing.
    public init() {}

    /// How far a stop has been asked for.
    public var level: Level { state.withLock { $0.level } }

    /// Asks for a stop; a lower level than was asked before changes nothing.
    public func request(_ level: Level) {
        let listeners = state.withLock { state -> [@Sendable (Level) -> Void] in
            guard level > state.level else { return [] }
            state.level = level
            return Array(state.listeners.values)
        }
        for listener in listeners { listener(level) }
    }

    /// Calls `body` at each rise of the level, and at once where a stop has been asked for already.
    ///
    /// - Returns: A token for `removeListener`.
    public func addListener(_ body: @escaping @Sendable (Level) -> Void) -> Int {
        let (token, level) = state.withLock { state -> (Int, Level) in
            let token = state.nextListener
            state.nextListener += 1
            state.listeners[token] = body
            return (token, state.level)
        }
        if level > .none { body(level) }
        return token
    }

    /// Ends the calls to a listener.
    public func removeListener(_ token: Int) {
        state.withLock { _ = $0.listeners.removeValue(forKey: token) }
    }
}

internal import Foundation
internal import Partitions
internal import ProgressStore
internal import Synchronization
internal import Transforms

/// What the parts of a run share of what is asked of it.
final class SteeringState: Sendable {
    private struct State {
        var settings: RunSettings
        var breaker: Breaker?
        var isBreakerTold = false
    }

    private let state: Mutex<State>

    init(_ request: BackfillRequest) {
        state = Mutex(State(settings: request.settings, breaker: request.breaker.map { Breaker($0) }))
    }

    /// The settings as they are now.
    var settings: RunSettings { state.withLock { $0.settings } }

    /// The limits within which partitions are claimed.
    var limits: ClaimLimits { settings.limits }

    /// Takes settings that were changed.
    ///
    /// - Returns: Whether they are others than before.
    func take(_ settings: RunSettings) -> Bool {
        state.withLock { state in
            guard state.settings != settings else { return false }
            state.settings = settings
            return true
        }
    }

    /// Whether people have not heard of it: that the breaker has tripped is found out here, and told by the ledger.
    func isNews(_ event: SteeringEvent) -> Bool {
        state.withLock { state in
            switch event {
            case .breakerTripped:
                defer { state.isBreakerTold = true }
                return !state.isBreakerTold
            case .resumed: state.isBreakerTold = false
            default: break
            }
            return true
        }
    }

    func noteSucceeded() { state.withLock { $0.breaker?.succeeded() } }

    /// A partition was given up; tells why the run is to pause, if it is.
    func noteFailed(_ key: PartitionKey, _ error: String) -> Breaker.Trip? {
        state.withLock { $0.breaker?.failed(key, error) }
    }
}

extension RunSettings {
    var limits: ClaimLimits { ClaimLimits(maxRunning: maxRunning, timeApart: rate?.timeApart) }
}

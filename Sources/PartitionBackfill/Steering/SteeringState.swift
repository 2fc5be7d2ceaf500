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
        var trips = 0
        var tripsBeingWritten = 0
    }

    private let state: Mutex<State>
    /// Wakes whoever looks at what is asked of the run.
    let change = ChangeSignal()

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

    /// A mark of what is known when a look at the ledger begins; nil while a trip of the breaker is being written.
    var mark: Int? { state.withLock { $0.tripsBeingWritten == 0 ? $0.trips : nil } }

    /// The breaker trips: looks that have begun before it is written know nothing of it, and count no more.
    func beginTrip() {
        state.withLock { state in
            state.trips += 1
            state.tripsBeingWritten += 1
        }
    }

    /// The trip is written, so that a look finds it from here on.
    func endTrip() {
        state.withLock { $0.tripsBeingWritten -= 1 }
        change.signal()
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

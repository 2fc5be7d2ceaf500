internal import Dispatch
internal import Partitions
internal import Synchronization

/// What became of an attempt's turn to commit.
enum CommitResult: Hashable {
    /// Its entry is in the log, on the disk; the attempt has not been brought to its end.
    case committed
    /// There was nothing to commit any more, and this is what became of the attempt.
    case settled(PublishOutcome)
}

/// The attempts of one process that have something to commit.
///
/// One leads and commits what is ready at that moment. Whoever comes meanwhile waits, and one of those leads next, with all
/// who wait by then. Nobody waits for company: one alone commits at once.
final class CommitLine: Sendable {
    /// What a leader does: commits several attempts at different partitions, and tells what became of each.
    typealias Lead = ([PendingCommit]) -> [Result<CommitResult, any Error>]

    private final class Place: Sendable {
        let pending: PendingCommit
        /// Signalled once: there is a result, or it is this place's turn to lead.
        let called = DispatchSemaphore(value: 0)
        let result = Mutex<Result<CommitResult, any Error>?>(nil)

        init(_ pending: PendingCommit) { self.pending = pending }
    }

    private struct State {
        var isLed = false
        var waiting: [Place] = []
    }

    private let state = Mutex(State())

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Commits an attempt, with others or by another one that leads.
    func commit(_ pending: PendingCommit, _ lead: Lead) throws -> CommitResult {
        let place = Place(pending)
        if !enter(place) {
            place.called.wait()
            if let result = place.result.withLock({ $0 }) { return try result.get() }
        }
        let group = [place] + company(of: place)
        let results = lead(group.map(\.pending))
        // First, so that the next group is under way while this one's members go on.
        callNext()
        for (member, result) in zip(group.dropFirst(), results.dropFirst()) {
            member.result.withLock { $0 = result }
            member.called.signal()
        }
        return try results[0].get()
    }

    /// Takes the lead where nobody has it; otherwise waits.
    private func enter(_ place: Place) -> Bool {
        state.withLock { state in
            guard state.isLed else {
                state.isLed = true
                return true
            }
            state.waiting.append(place)
            return false
        }
    }

    /// All who wait, but one of each partition: what an entry does to a partition must follow from one version.
    private func company(of leader: Place) -> [Place] {
        state.withLock { state in
            var keys: Set<PartitionKey> = [leader.pending.staging.key]
            var company: [Place] = []
            var others: [Place] = []
            for place in state.waiting {
                if keys.insert(place.pending.staging.key).inserted {
                    company.append(place)
                } else {
                    others.append(place)
                }
            }
            state.waiting = others
            return company
        }
    }

    private func callNext() {
        let next = state.withLock { state -> Place? in
            guard !state.waiting.isEmpty else {
                state.isLed = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.called.signal()
    }
}

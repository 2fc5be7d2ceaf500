internal import ProgressStore

/// How many work at the same time asks of the dispatcher.
extension Dispatcher {
    /// The number of workers at the moment.
    var crewSize: Int { crew.current }

    /// How many more may begin.
    ///
    /// None while there are more at work than there should be, after the crew became smaller: whoever is alone has to be
    /// alone, or memory that runs out would say nothing of the partition.
    var room: Int { max(0, crew.current - atWork.count) }

    /// An attempt begins.
    func begin(_ claim: Claim) -> Claim {
        holdings[claim.token]?.crew = crew.share
        atWork.insert(claim.token)
        return claim
    }

    /// An attempt has come to its result, or is waited for no longer.
    func leaveWork(_ token: ClaimToken) {
        guard atWork.remove(token) != nil, !idleWorkers.isEmpty else { return }
        handOut()
        change.signal()
    }

    /// Memory ran out in an attempt.
    ///
    /// - Returns: The workers and threads from now on, where they are fewer than the attempt began with, so that another try
    ///   is worth it; else nil.
    func memoryRanOut(in token: ClaimToken) -> CrewLimit.Share? {
        guard crew.memoryRanOut(with: holdings[token]?.crew ?? .smallest) else { return nil }
        moreThreads = nil
        crewChanged()
        return crew.share
    }

    /// The threads that the engine may take again, once after each time that there are more.
    func takeMoreThreads() -> Int? {
        defer { moreThreads = nil }
        return moreThreads
    }

    /// Workers that are too many go home when they have nothing to do; those that are missing are hired by the run.
    func crewChanged() {
        for token in atWork { holdings[token]?.crew.grow(to: crew.share) }
        prefetch.workers = crew.current
        dismissIdleWorkers { $0 >= crew.current }
        crewChange.signal()
        change.signal()
    }
}

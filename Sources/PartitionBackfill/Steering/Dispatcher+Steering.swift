internal import ProgressStore

/// What steers a run asks of the dispatcher.
extension Dispatcher {
    /// Lets partitions be started, or not; what runs goes on either way.
    ///
    /// Whether a look is outdated is asked here, where nothing comes between the answer and what follows from it.
    func admit(_ isAdmitting: Bool, unless isOutdated: @Sendable () -> Bool = { false }) {
        guard !isAdmitting || !isOutdated(), isAdmitting != admission.isOpen else { return }
        admission.isOpen = isAdmitting
        handOut()
        change.signal()
    }

    /// Lets nothing be claimed until a moment, because of a limit that all processes share.
    func rest(until moment: ContinuousClock.Instant, orUntilPartitionEnds: Bool) {
        admission.rest(until: moment, orUntilPartitionEnds: orUntilPartitionEnds)
    }

    /// Partitions of the plan were called off.
    func noteCancelled(_ count: Int) { cancelledCount += count }

    /// Takes settings that were changed while the run ran.
    func apply(_ settings: RunSettings, hasLimits: Bool) {
        // A claim that waits in this process would count as running for all of them.
        prefetch.isEager = !hasLimits
        worklist.setOrder(settings.order)
        if settings.workers != crew.asked {
            crew.ask(for: settings.workers)
            crewChanged()
        }
        admission.forgetRest()
        change.signal()
    }

    /// The number of workers at the moment.
    var crewSize: Int { crew.current }

    /// Takes note of how long partitions took before this process began.
    func beginForecast(with durations: [Duration]) { forecast.begin(with: durations) }

    /// The time that a partition will probably take.
    var expectedDuration: Duration? { forecast.expected }

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
        prefetch.workers = crew.current
        dismissIdleWorkers { $0 >= crew.current }
        crewChange.signal()
        change.signal()
    }
}

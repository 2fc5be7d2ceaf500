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

    /// Takes note of how long partitions took before this process began.
    func beginForecast(with durations: [Duration]) { forecast.begin(with: durations) }

    /// The time that a partition will probably take.
    var expectedDuration: Duration? { forecast.expected }
}

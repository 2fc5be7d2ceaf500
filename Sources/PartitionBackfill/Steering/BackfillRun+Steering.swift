internal import Foundation
internal import ProgressStore

/// How a run obeys what is asked of it from any machine.
extension BackfillRun {
    /// Looks again and again at what is asked of the run, until it is over.
    func obeySteering() async throws -> Part {
        var reader = SteeringReader(request)
        var hasForecast = false
        while true {
            let mark = steering.mark
            do {
                let asked = try await ledger.steering(run: run)
                if let asked, !hasForecast, reader.hasWindow(with: asked) {
                    await dispatcher.beginForecast(with: try await earlierDurations())
                    hasForecast = true
                }
                let expected = await dispatcher.expectedDuration
                if let steering = asked, let mark, mark == self.steering.mark {
                    await obey(reader.read(steering, at: clock.time(steering.now), expecting: expected), seenAt: mark)
                }
            } catch {
                // The run is over, whatever the ledger was about to say.
                if Task.isCancelled { return .steering }
                // Without the ledger nothing is claimed; heartbeats tell people that it is gone.
                guard let error = error as? LedgerError, error.code == .unreachable else { throw error }
            }
            await steering.change.wait(atMost: clock.period)
            // Cancelled when the run is over.
            if Task.isCancelled { return .steering }
        }
    }

    /// What earlier attempts took, so that not even the first partition of this process is started blindly.
    private func earlierDurations() async throws -> [Duration] {
        let attempts = try await ledger.recentAttempts(
            job: job.name, granularity: job.partitioning.every, limit: Forecast.memory)
        return attempts.map { .seconds($0.seconds) }
    }

    private func obey(_ change: SteeringReader.Change, seenAt mark: Int) async {
        if let settings = change.settings, steering.take(settings) {
            await dispatcher.apply(settings, hasLimits: !settings.limits.isNone)
        }
        // Told first: what follows from it comes after it.
        for event in change.events where steering.isNews(event) { events.emit(.steered(event)) }
        await dispatcher.admit(change.isAdmitting) { [steering] in steering.mark != mark }
        if let end = change.end { await self.end(with: end) }
    }

    /// Ends the run before it is through.
    private func end(with end: EarlyEnd) async {
        tally.noteEarlyEnd(end)
        await dispatcher.stop(.drain)
        if case .cancelled = end { await dispatcher.stop(.abort) }
    }

    /// Pauses this run and those beside it, because their partitions fail one like the other.
    func pauseForBreaker(_ trip: Breaker.Trip) async {
        steering.beginTrip()
        await dispatcher.admit(false)
        do {
            // The next look at the ledger finds the run paused, as the looks of the others do.
            try await ledger.tripBreaker(run: run, reason: trip.description)
        } catch {
            tally.noteFatal(error)
        }
        steering.endTrip()
        let event = SteeringEvent.breakerTripped(reason: trip.description)
        if steering.isNews(event) { events.emit(.steered(event)) }
        guard request.onBreaker == .exit else { return }
        await end(with: .breaker(reason: trip.description))
    }
}

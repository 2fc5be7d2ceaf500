internal import Foundation
internal import ProgressStore
internal import Transforms

/// Turns what the ledger says of a run, look by look, into what changes: a value that decides and does nothing.
struct SteeringReader: Sendable {
    /// What the run does because of a look.
    struct Change: Sendable, Equatable {
        /// What people are told, in order.
        var events: [SteeringEvent] = []
        /// Whether partitions may be started.
        var isAdmitting = true
        /// Settings that were changed.
        var settings: RunSettings?
        /// Why the run ends, if it does.
        var end: EarlyEnd?
    }

    /// What the run was started with.
    private let initial: RunSettings
    private let onBreaker: BackfillRequest.BreakerReaction
    private var settings: RunSettings
    private var control = RunControl.run
    private var isWindowOpen = true

    init(_ request: BackfillRequest) {
        initial = request.settings
        settings = initial
        onBreaker = request.onBreaker
    }

    /// Whether there are hours in which alone partitions are started, by the settings as the ledger has them.
    func hasWindow(with steering: RunSteering) -> Bool { initial.overridden(by: steering.settings).window != nil }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - steering: What the ledger says.
    ///   - time: The time that counts for windows.
    ///   - expected: How long a partition will probably take.
    /// - Returns: What changes.
    mutating func read(_ steering: RunSteering, at time: Date, expecting expected: Duration?) -> Change {
        var change = Change()
        let now = initial.overridden(by: steering.settings)
        if now != settings {
            settings = now
            change.settings = now
            change.events.append(.settings(now, by: steering.setBy))
        }
        readControl(steering, into: &change)
        readWindow(at: time, expecting: expected, into: &change)
        return change
    }

    private mutating func readControl(_ steering: RunSteering, into change: inout Change) {
        let (by, reason) = (steering.askedBy, steering.reason)
        let isNew = steering.control != control
        control = steering.control
        switch control {
        case .run: if isNew { change.events.append(.resumed(by: by)) }
        case .pause:
            change.isAdmitting = false
            if steering.isBreaker {
                let reason = reason ?? "The same error again and again."
                if isNew { change.events.append(.breakerTripped(reason: reason)) }
                if onBreaker == .exit { change.end = .breaker(reason: reason) }
            } else if isNew {
                change.events.append(.paused(by: by, reason: reason))
            }
        case .drain:
            change.isAdmitting = false
            if isNew { change.events.append(.draining(by: by, reason: reason)) }
            change.end = .drained(by: by, reason: reason)
        case .cancel:
            change.isAdmitting = false
            if isNew { change.events.append(.cancelling(by: by, reason: reason)) }
            change.end = .cancelled(by: by, reason: reason)
        }
    }

    private mutating func readWindow(at time: Date, expecting expected: Duration?, into change: inout Change) {
        let isOpen = settings.window?.admits(time, expecting: expected) ?? true
        if isOpen != isWindowOpen {
            if let window = settings.window, !isOpen {
                change.events.append(.windowClosed(window: window))
            } else {
                change.events.append(.windowOpened)
            }
        }
        isWindowOpen = isOpen
        if !isOpen { change.isAdmitting = false }
    }
}

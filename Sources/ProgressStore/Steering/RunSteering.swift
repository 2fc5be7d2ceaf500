public import Foundation

/// What is asked of a run at one moment.
public struct RunSteering: Sendable, Hashable {
    /// What it shall do.
    public var control: RunControl
    /// The settings that were changed since it began, by name, as text.
    public var settings: [String: String]
    /// What the database's clock says.
    public var now: Date
    /// Who asked for the control; nil where nobody has, or where it was written by hand.
    public var askedBy: String?
    /// Why.
    public var reason: String?
    /// Whether a run has asked for it itself, because its partitions failed one like the other.
    public var isBreaker: Bool
    /// Who was the last to change settings.
    public var setBy: String?

    /// Creates it.
    public init(
        control: RunControl, settings: [String: String] = [:], now: Date, askedBy: String? = nil, reason: String? = nil,
        isBreaker: Bool = false, setBy: String? = nil
    ) {
        self.control = control
        self.settings = settings
        self.now = now
        self.askedBy = askedBy
        self.reason = reason
        self.isBreaker = isBreaker
        self.setBy = setBy
    }
}

/// Something that was asked of a run while it ran.
public struct ControlEvent: Sendable, Hashable {
    /// What it was to do; nil where only settings were changed.
    public var control: RunControl?
    /// The settings that were changed, by name.
    public var settings: [String: String]
    /// Whether a run has asked for it itself, because its partitions failed one like the other.
    public var isBreaker: Bool
    /// Who asked, as the program was told.
    public var askedBy: String
    /// Who that was for the database.
    public var databaseUser: String
    /// When, by the database's clock.
    public var askedAt: Date
    /// Why.
    public var reason: String?

    /// Creates an event.
    public init(
        control: RunControl?, settings: [String: String], isBreaker: Bool, askedBy: String, databaseUser: String,
        askedAt: Date, reason: String?
    ) {
        self.control = control
        self.settings = settings
        self.isBreaker = isBreaker
        self.askedBy = askedBy
        self.databaseUser = databaseUser
        self.askedAt = askedAt
        self.reason = reason
    }
}

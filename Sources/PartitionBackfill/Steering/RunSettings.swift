public import Transforms

/// What can be set of a run while it runs.
public struct RunSettings: Sendable, Hashable {
    /// The names of the settings, as they are written.
    public enum Name: String, Sendable, Hashable, CaseIterable {
        case workers
        case rate
        case order
        case window
        case maxRunning = "max-running"
    }

    /// A text that is no value of its setting.
    public struct InvalidValue: Error, Sendable, Hashable, CustomStringConvertible {
        /// A sentence that says the text and what could stand there.
        public let description: String
    }

    /// What takes a limit away.
    public static let none = "none"
    /// The bounds of the number of workers in a process.
    public static let workerBounds = 1...256
    /// The bounds of the number of partitions that run at once in all processes.
    public static let maxRunningBounds = 1...1_000_000

    /// Partitions worked on at the same time in a process.
    public var workers: Int
    /// How many partitions are started in a time by all processes together; nil for no limit.
    public var rate: Rate?
    /// The order in which partitions are claimed.
    public var order: BackfillRequest.Order
    /// The hours in which partitions are started; nil for all.
    public var window: TimeWindow?
    /// The greatest number of partitions of the job that run at the same time in all processes; nil for no limit.
    public var maxRunning: Int?

    /// Creates settings.
    public init(
        workers: Int, rate: Rate? = nil, order: BackfillRequest.Order = .oldest, window: TimeWindow? = nil,
        maxRunning: Int? = nil
    ) {
        self.workers = workers
        self.rate = rate
        self.order = order
        self.window = window
        self.maxRunning = maxRunning
    }

    /// Changes one setting.
    public mutating func set(_ name: Name, to text: String) throws(InvalidValue) {
        switch name {
        case .workers: workers = try RunSettings.number(text, of: name, in: RunSettings.workerBounds)
        case .rate:
            rate = try RunSettings.optional(text, of: name, "a number of partitions in a time, such as 30/min") {
                Rate(parsing: $0)
            }
        case .order:
            guard let order = BackfillRequest.Order(rawValue: text) else {
                let words = BackfillRequest.Order.allCases.map(\.rawValue).joined(separator: ", ")
                throw InvalidValue(description: "order is '\(text)', but must be one of \(words).")
            }
            self.order = order
        case .window:
            window = try RunSettings.optional(
                text, of: name, "hours and a time zone, such as 22:00-06:00 Europe/Berlin"
            ) { TimeWindow(parsing: $0) }
        case .maxRunning:
            guard text != RunSettings.none else { return maxRunning = nil }
            maxRunning = try RunSettings.number(text, of: name, in: RunSettings.maxRunningBounds)
        }
    }

    /// Each setting as it is written.
    public var texts: [(name: String, text: String)] {
        Name.allCases.map { name in
            let text: String? =
                switch name {
                case .workers: "\(workers)"
                case .rate: rate?.description
                case .order: order.rawValue
                case .window: window?.description
                case .maxRunning: maxRunning.map { "\($0)" }
                }
            return (name.rawValue, text ?? RunSettings.none)
        }
    }

    /// The settings with what the ledger has of them.
    ///
    /// What this version does not understand is left out; whoever wrote it by hand finds it nowhere obeyed.
    func overridden(by texts: [String: String]) -> RunSettings {
        var settings = self
        for (name, text) in texts { if let name = Name(rawValue: name) { try? settings.set(name, to: text) } }
        return settings
    }

    private static func number(_ text: String, of name: Name, in bounds: ClosedRange<Int>) throws(InvalidValue) -> Int {
        guard let number = Int(text), bounds.contains(number) else {
            throw InvalidValue(
                description: "\(name.rawValue) is '\(text)', but must be a whole number, \(bounds.lowerBound) to "
                    + "\(bounds.upperBound)\(name == .maxRunning ? ", or none" : "").")
        }
        return number
    }

    private static func optional<Value>(
        _ text: String, of name: Name, _ expected: String, _ parse: (String) -> Value?
    ) throws(InvalidValue) -> Value? {
        guard text != none else { return nil }
        guard let value = parse(text) else {
            throw InvalidValue(description: "\(name.rawValue) is '\(text)', but must be \(expected), or none.")
        }
        return value
    }
}

extension BackfillRequest {
    /// What the run starts with and what can be changed of it.
    var settings: RunSettings {
        RunSettings(workers: workers, rate: rate, order: order, window: window, maxRunning: maxRunning)
    }
}

internal import Foundation
internal import PartitionBackfill

/// How what happens is told on standard error.
enum LogFormat: String, Sendable, CaseIterable {
    /// Sentences and displays, for people.
    case text
    /// A JSON object on a line for each event.
    case json
}

/// How much an event matters.
enum LogLevel: String, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    static func < (left: LogLevel, right: LogLevel) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }

    /// How much an event of a run matters.
    init(of event: BackfillEvent) {
        switch event {
        case .failed: self = .error
        case .retrying, .lost, .ledgerUnavailable, .tableNotice, .held, .audited, .steered: self = .warning
        case .claimed, .released, .batchFinished: self = .debug
        default: self = .info
        }
    }
}

/// Events as lines of JSON: `time`, `level` and `event` are in each of them.
struct EventLog: Sendable {
    /// What matters less is left out.
    let threshold: LogLevel
    var now: @Sendable () -> Date = { Date() }

    /// The line of a sentence; nil where it matters too little.
    func line(_ level: LogLevel, message: String) -> String? {
        let text = message.trimmingCharacters(in: .whitespacesAndNewlines)
        return line(level, ["event": .text("message"), "message": .text(text)])
    }

    /// The line of an event with its members; nil where it matters too little.
    func line(_ level: LogLevel, _ members: [String: JSONValue]) -> String? {
        guard level >= threshold else { return nil }
        let whole = members.merging([
            "time": .text(TimeText.precise(now())), "level": .text(level.rawValue),
        ]) { own, _ in own }
        return JSONValue.object(whole).text + "\n"
    }
}

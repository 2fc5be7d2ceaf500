internal import Foundation
internal import PartitionBackfill
internal import Partitions

/// What the command of `--notify` is told of a run.
struct RunNotice: Sendable {
    /// Why it is told.
    enum Event: String, Sendable, Hashable {
        /// The command has ended with code 0.
        case finished
        /// It has ended with another code.
        case failed
        /// Nothing more is claimed: somebody has paused the run, or its breaker has.
        case paused
        /// A canary is held, and nothing else is begun until somebody has approved it.
        case awaitingApproval = "awaiting_approval"

        /// The event within a sentence.
        var words: String { self == .awaitingApproval ? "awaits approval" : rawValue }
    }

    /// More failures, and more held partitions, than these are counted only.
    private static let greatestCount = 20

    var event: Event
    let job: String
    var run: Int64?
    /// The code that the process ends with, unless a signal sets another; nil while it goes on.
    var code: ExitCode?
    var complete = 0
    var unchanged = 0
    var failures: [PartitionKey: String] = [:]
    var held = 0
    /// Why those are held that the command itself has staged.
    var heldPartitions: [PartitionKey: String] = [:]
    /// The command lines that show what is held and decide about it; used where something is.
    var decisions: DecisionCommands?
    var skipped = 0
    var cancelled = 0
    /// Partitions that were not reached; nil while the run goes on.
    var remaining: Int?
    var rows: Int64 = 0
    var bytes: Int64 = 0
    var duration: Duration?
    /// Why it is paused, or what ended it.
    var cause: String?
    /// The report that was written.
    var reportPath: String?

    /// The notice in a line.
    var message: String {
        var parts = ["\(NumberText.grouped(complete)) complete"]
        for (count, word) in [
            (failures.count, "failed"), (held, "held"), (cancelled, "cancelled"), (remaining ?? 0, "left"),
        ] where count > 0 { parts.append("\(NumberText.grouped(count)) \(word)") }
        let name = run.map { "\(job), run \($0)" } ?? job
        return "\(name) \(event.words): " + parts.joined(separator: ", ") + (cause.map { "; \($0.firstLine)" } ?? "")
    }

    /// As JSON, on the standard input of the command.
    var json: String {
        JSONValue.object([
            "event": .text(event.rawValue), "job": .text(job), "run": .optional(run),
            "exit_code": .optional(code.map { Int64($0.rawValue) }), "message": .text(message),
            "complete": .integer(complete), "unchanged": .integer(unchanged), "failed": .integer(failures.count),
            "failures": shown(failures, as: "error"), "held": .integer(held),
            "held_partitions": shown(heldPartitions, as: "reason"),
            "decide": held > 0 ? decisions?.json ?? .null : .null, "skipped": .integer(skipped),
            "cancelled": .integer(cancelled), "remaining": .optional(remaining.map(Int64.init)),
            "rows": .integer(rows), "bytes": .integer(bytes),
            "seconds": duration.map { .number($0.seconds) } ?? .null, "cause": .optional(cause),
            "report": .optional(reportPath),
        ]).text + "\n"
    }

    private func shown(_ texts: [PartitionKey: String], as name: String) -> JSONValue {
        .array(
            texts.sorted { $0.key < $1.key }.prefix(Self.greatestCount).map { key, text in
                .object(["partition": .text(key.description), name: .text(text)])
            })
    }

    /// As variables of the command's environment; what is not known is left out.
    ///
    /// None but the run's number is the variable of an option, so that the command may call this program.
    var variables: [String: String] {
        let known: [String: String?] = [
            "EVENT": event.rawValue, "JOB": job, "RUN": run.map { "\($0)" }, "EXIT_CODE": code.map { "\($0.rawValue)" },
            "MESSAGE": message, "COMPLETE": "\(complete)", "FAILED": "\(failures.count)",
            "HELD_PARTITIONS": "\(held)", "SKIPPED": "\(skipped)", "REMAINING": remaining.map { "\($0)" },
            "SECONDS": duration.map { "\(Int64($0.seconds.rounded()))" }, "REPORT": reportPath,
        ]
        return Dictionary(
            uniqueKeysWithValues: known.compactMap { name, value in
                value.map { ("REPROCESS_\(name)", $0.filter { $0 != "\0" }) }
            })
    }
}

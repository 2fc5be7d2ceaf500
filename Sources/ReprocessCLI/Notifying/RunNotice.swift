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
    }

    /// More failures than these are counted only.
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
        return "\(name) \(event.rawValue): " + parts.joined(separator: ", ") + (cause.map { "; \($0.firstLine)" } ?? "")
    }

    /// As JSON, on the standard input of the command.
    var json: String {
        let shown = failures.sorted { $0.key < $1.key }.prefix(Self.greatestCount).map { key, error in
            JSONValue.object(["partition": .text(key.description), "error": .text(error)])
        }
        return JSONValue.object([
            "event": .text(event.rawValue), "job": .text(job), "run": .optional(run),
            "exit_code": .optional(code.map { Int64($0.rawValue) }), "message": .text(message),
            "complete": .integer(complete), "unchanged": .integer(unchanged), "failed": .integer(failures.count),
            "failures": .array(Array(shown)), "held": .integer(held), "skipped": .integer(skipped),
            "cancelled": .integer(cancelled), "remaining": .optional(remaining.map(Int64.init)),
            "rows": .integer(rows), "bytes": .integer(bytes),
            "seconds": duration.map { .number($0.seconds) } ?? .null, "cause": .optional(cause),
            "report": .optional(reportPath),
        ]).text + "\n"
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

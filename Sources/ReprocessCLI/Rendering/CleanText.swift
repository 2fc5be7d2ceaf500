internal import Lakehouse
internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// What a cleaning removed, or would, counted by kind.
struct CleaningTally: Sendable {
    /// What counts as one thing in the summary.
    enum Kind: Hashable, CaseIterable {
        case replaced, staging, held, batches, unfinishedPublish, remains, record, abandonedCheckpoint, abandonedGroup
        case expiredLogFile, spill

        init(_ kind: Leftover.Kind) {
            switch kind {
            case .replaced: self = .replaced
            case .staging: self = .staging
            case .held: self = .held
            case .batches: self = .batches
            case .unfinishedPublish: self = .unfinishedPublish
            case .remains: self = .remains
            case .record: self = .record
            }
        }

        init(_ kind: TableLeftover.Kind) {
            switch kind {
            case .abandonedCheckpoint: self = .abandonedCheckpoint
            case .abandonedGroup: self = .abandonedGroup
            case .expiredLog: self = .expiredLogFile
            }
        }

        /// The word for one of them.
        var noun: String {
            switch self {
            case .replaced: "replaced generation"
            case .staging: "staging"
            case .held: "held staging"
            case .batches: "folder of finished batches"
            case .unfinishedPublish: "unfinished publish"
            case .remains: "half-removed generation"
            case .record: "record"
            case .abandonedCheckpoint: "abandoned checkpoint"
            case .abandonedGroup: "abandoned group"
            case .expiredLogFile: "file of the log"
            case .spill: "spill folder"
            }
        }

        func counted(_ count: Int) -> String {
            switch self {
            case .unfinishedPublish where count != 1: "\(NumberText.grouped(count)) unfinished publishes"
            case .expiredLogFile where count != 1: "\(NumberText.grouped(count)) files of the log"
            case .batches where count != 1: "\(NumberText.grouped(count)) folders of finished batches"
            default: NumberText.counted(count, noun)
            }
        }
    }

    private(set) var counts: [Kind: (count: Int, bytes: Int64)] = [:]
    private(set) var unknown: (count: Int, bytes: Int64) = (0, 0)
    /// What went and was measured before, and why the ledger did not take some of the numbers.
    private(set) var measured = 0
    private(set) var unrecorded: String?

    /// The bytes that went, or would; a publish that is finished frees nothing.
    var bytes: Int64 { counts.reduce(0) { $0 + ($1.key == .unfinishedPublish ? 0 : $1.value.bytes) } }

    mutating func add(_ event: CleaningEvent) {
        switch event {
        case .removed(_, let leftover): add(Kind(leftover.kind), leftover.bytes)
        case .removedFromTable(let leftover):
            add(
                Kind(leftover.kind), leftover.bytes,
                count: leftover.kind == .expiredLog ? leftover.files : 1)
        case .measured(_, _, let reason):
            measured += 1
            unrecorded = unrecorded ?? reason
        case .unreadable: break
        case .unknown(_, let leftover): unknown = (unknown.count + 1, unknown.bytes + leftover.bytes)
        }
    }

    mutating func add(_ spill: AbandonedSpill) { add(.spill, spill.bytes) }

    private mutating func add(_ kind: Kind, _ bytes: Int64, count: Int = 1) {
        let before = counts[kind] ?? (0, 0)
        counts[kind] = (before.count + count, before.bytes + bytes)
    }
}

/// What a cleaning does, for people.
struct CleanText {
    let job: String
    let isDryRun: Bool
    var style = Style.plain
    /// How paths are shown.
    var paths = MessagePaths.unchanged

    /// A line about one leftover; records are too many and too small for one each.
    func line(for event: CleaningEvent, isVerbose: Bool) -> String? {
        switch event {
        case .removed(let key, let leftover):
            if leftover.kind == .record, !isVerbose { return nil }
            return line(verb(leftover.kind), key.description, leftover)
        case .measured(let key, let leftover, _):
            return isVerbose ? line(isDryRun ? "would measure" : "measured", key.description, leftover) : nil
        case .unreadable(let key, let leftover, let reason):
            return line(style.yellow("not measured"), key.description, leftover)
                + "  \(paths.shortened(reason).indentedLines)\n"
        case .unknown(let key, let leftover):
            return line(style.yellow("left, unknown"), key.description, leftover)
        case .removedFromTable(let leftover):
            return
                "\(verb(nil))  \(leftover.kind.rawValue)  \(size(leftover.files, leftover.bytes))  \(paths.shortened(leftover.path))\n"
        }
    }

    /// A line about a folder of an engine.
    func line(for spill: AbandonedSpill) -> String {
        "\(verb(nil))  spill folder  \(size(spill.files, spill.bytes))  \(paths.shortened(spill.path))\n"
    }

    /// What went, or would, and what stays and why.
    func summary(_ tally: CleaningTally) -> String {
        let parts = CleaningTally.Kind.allCases.compactMap { kind -> String? in
            guard kind != .unfinishedPublish, let (count, bytes) = tally.counts[kind] else { return nil }
            return kind.counted(count) + (bytes > 0 ? " (\(ByteCountText.describe(bytes)))" : "")
        }
        var sentences: [String] = []
        if !parts.isEmpty {
            let verb = isDryRun ? "would remove" : "removed"
            sentences.append("\(verb) \(parts.joined(separator: ", ")); \(ByteCountText.describe(tally.bytes)) in all.")
        }
        if let (count, _) = tally.counts[.unfinishedPublish] {
            sentences.append(
                "\(isDryRun ? "would bring" : "brought") \(CleaningTally.Kind.unfinishedPublish.counted(count)) to an end."
            )
        }
        if tally.measured > 0 {
            let noun = CleaningTally.Kind.replaced.counted(tally.measured)
            sentences.append("\(isDryRun ? "would measure" : "measured") \(noun) before.")
        }
        let done = sentences.isEmpty ? "nothing to clean up." : sentences.joined(separator: " Also ")
        return "\(style.bold(job)): \(done)\n" + advice(tally)
    }

    private func advice(_ tally: CleaningTally) -> String {
        var text = isDryRun && !tally.counts.isEmpty ? "Nothing was changed: that was a dry run.\n" : ""
        if let reason = tally.unrecorded { text += "What was measured could not be recorded: \(reason)\n" }
        if tally.unknown.count > 0 {
            text +=
                "Left: \(NumberText.counted(tally.unknown.count, "thing")) (\(ByteCountText.describe(tally.unknown.bytes))) "
                + "of attempts that this ledger does not know. Where no other ledger writes this table, --unknown takes "
                + "them too.\n"
        }
        return text
    }

    private func line(_ verb: String, _ key: String, _ leftover: Leftover) -> String {
        let kind = CleaningTally.Kind(leftover.kind).noun
        return "\(verb)  \(key)  \(kind)  \(size(leftover.files, leftover.bytes))  \(paths.shortened(leftover.path))\n"
    }

    private func verb(_ kind: Leftover.Kind?) -> String {
        if kind == .unfinishedPublish { return isDryRun ? "would finish" : "finished" }
        return isDryRun ? "would remove" : "removed"
    }

    private func size(_ files: Int, _ bytes: Int64) -> String {
        "\(NumberText.counted(files, "file")), \(ByteCountText.describe(bytes))"
    }
}

/// What a cleaning does, for programs.
enum CleanJSON {
    static func line(for event: CleaningEvent, isDryRun: Bool) -> String {
        switch event {
        case .removed(let key, let leftover):
            let isFinished = leftover.kind == .unfinishedPublish
            let done = isFinished ? "finished_publish" : "removed"
            let planned = isFinished ? "would_finish_publish" : "would_remove"
            return line(isDryRun ? planned : done, key, leftover)
        case .measured(let key, let leftover, let unrecorded):
            return line(
                isDryRun ? "would_measure" : "measured", key, leftover,
                unrecorded.map { ["unrecorded": .text($0)] } ?? [:])
        case .unreadable(let key, let leftover, let reason):
            return line("unreadable", key, leftover, ["reason": .text(reason)])
        case .unknown(let key, let leftover): return line("left", key, leftover)
        case .removedFromTable(let leftover):
            return JSONValue.object([
                "event": .text(isDryRun ? "would_remove" : "removed"), "kind": .text(leftover.kind.rawValue),
                "path": .text(leftover.path), "files": .integer(leftover.files), "bytes": .integer(leftover.bytes),
            ]).text + "\n"
        }
    }

    static func line(for spill: AbandonedSpill, isDryRun: Bool) -> String {
        JSONValue.object([
            "event": .text(isDryRun ? "would_remove" : "removed"), "kind": .text("spill folder"),
            "path": .text(spill.path), "files": .integer(spill.files), "bytes": .integer(spill.bytes),
        ]).text + "\n"
    }

    /// The last line.
    static func line(for tally: CleaningTally, job: String, isDryRun: Bool) -> String {
        let counts = tally.counts.map { ($0.key.noun, JSONValue.integer($0.value.count)) }
        return JSONValue.object([
            "event": .text("finished"), "job": .text(job), "dry_run": .bool(isDryRun),
            "counts": .object(Dictionary(uniqueKeysWithValues: counts)), "bytes": .integer(tally.bytes),
            "measured": .integer(tally.measured), "left": .integer(tally.unknown.count),
            "left_bytes": .integer(tally.unknown.bytes),
        ]).text + "\n"
    }

    private static func line(
        _ event: String, _ key: PartitionKey, _ leftover: Leftover, _ more: [String: JSONValue] = [:]
    ) -> String {
        let members: [String: JSONValue] = [
            "event": .text(event), "partition": .text(key.description), "kind": .text(leftover.kind.rawValue),
            "path": .text(leftover.path), "fence": .integer(leftover.writer.fence), "files": .integer(leftover.files),
            "bytes": .integer(leftover.bytes),
        ]
        return JSONValue.object(members.merging(more) { $1 }).text + "\n"
    }
}

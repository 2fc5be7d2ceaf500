internal import PartitionBackfill
internal import Partitions

/// Old against new of many partitions, a line each, for people; those that did not change are ranges.
struct DiffOverview {
    /// Names of columns in a line.
    private static let greatestNameCount = 4

    /// What is looked at: the job, and which of its partitions.
    let title: String
    let judged: [Judged]
    var width = 100
    var style = Style.plain

    var text: String {
        ([heading] + lines + unchangedLine).map { $0 + "\n" }.joined()
    }

    private var heading: String {
        let counts = JudgedState.allCases.compactMap { state -> String? in
            let count = judged.count { $0.state == state }
            return count > 0 ? color("\(NumberText.grouped(count)) \(state.rawValue)", state) : nil
        }
        return "\(style.bold(title)): \(NumberText.counted(judged.count, "partition")), "
            + counts.joined(separator: ", ")
    }

    private var lines: [String] {
        let rows = judged.filter { $0.state != .unchanged }.map { entry in
            (entry.key.description, entry.state, SizeText.rowsInShort(old: entry.old, new: entry.new), note(entry))
        }
        let keyWidth = rows.map { $0.0.count }.max() ?? 0
        let stateWidth = rows.map { $0.1.word.count }.max() ?? 0
        let rowsWidth = rows.map { $0.2.count }.max() ?? 0
        return rows.map { key, state, rows, note in
            let head = "  \(key.padded(to: keyWidth))  "
            let tail = "  \(rows.padded(to: rowsWidth))  \(note)"
            let room = width - head.count - stateWidth
            return head + color(state.word.padded(to: stateWidth), state) + tail.truncated(to: room).trimmedAtEnd
        }
    }

    /// Why it is held or failed, or which columns differ.
    private func note(_ entry: Judged) -> String {
        if let reason = entry.reason, entry.state != .changed, entry.state != .new { return reason.firstLine }
        guard entry.state == .changed || entry.state == .held, entry.old != nil else { return "" }
        guard entry.isMeasured else { return "columns not measured" }
        let names = entry.columns.filter(\.isDifferent).map(\.column)
        guard !names.isEmpty else { return "no column differs in numbers" }
        let more = names.count > Self.greatestNameCount ? " and \(names.count - Self.greatestNameCount) more" : ""
        return names.prefix(Self.greatestNameCount).joined(separator: ", ") + more
    }

    private var unchangedLine: [String] {
        let keys = judged.filter { $0.state == .unchanged }.map(\.key)
        guard let first = keys.first else { return [] }
        let ranges = PartitionSet(granularity: first.granularity, keys: keys.sorted()).ranges
        let shown = ranges.prefix(6).map(\.description).joined(separator: ", ")
        let more = ranges.count > 6 ? " and \(ranges.count - 6) more ranges" : ""
        return ["  unchanged: \(shown)\(more)"]
    }

    private func color(_ text: String, _ state: JudgedState) -> String {
        switch state {
        case .changed, .new: style.green(text)
        case .unchanged: style.dim(text)
        case .held, .dropped: style.yellow(text)
        case .failed: style.red(text)
        }
    }
}

extension JudgedState {
    /// The word in lists, which is that of the ledger where it has one.
    fileprivate var word: String {
        switch self {
        case .held: "HELD"
        case .failed: "FAILED"
        default: rawValue
        }
    }
}

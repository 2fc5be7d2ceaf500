internal import PartitionBackfill
internal import Partitions

/// Command lines to paste, which mean the same job and configuration as the one that was typed.
struct CommandWords {
    /// Which partitions a command line names.
    enum Scope {
        /// None: the command's own options say what is meant.
        case none
        /// Those that were asked for, by the command line or the environment, or none where none were.
        case typed
        case range(PartitionRange)
        case set(PartitionSet)
        /// The same as words of their own, for commands that take such.
        case words(PartitionSet)
        /// The same, one by one, so that also the newest are meant, which a range leaves to settle.
        case dates(PartitionSet)
    }

    /// More ranges than these are no command line to paste.
    private static let greatestRangeCount = 500
    private static let greatestWordCount = 5
    private static let execution = RunOptions.execution.map(\.name).filter { $0 != "dry-run" }

    let project: Project
    let arguments: Arguments
    let context: CommandContext
    let job: String

    /// A command on partitions of the job.
    ///
    /// The database is never part of it: a URL may hold a password.
    func line(_ command: String, _ scope: Scope, more: [String] = []) -> String {
        var words = [context.program, command]
        if project.jobs.count > 1 { words.append(job) }
        words += partitions(scope) + more + typed(["config", "schema"])
        return ShellQuoting.line(words)
    }

    /// Runs again what has failed of what was asked for.
    var retry: String { line("retry", .typed, more: typed(Self.execution)) }

    /// Goes on with a run that was stopped, and never with more than it was asked for.
    ///
    /// What was claimed and given back is no longer FAILED or stale: `--only` would not find it again, so that the
    /// partitions themselves are named.
    func resumption(of plan: BackfillPlan, _ selection: Selection) -> String {
        var scope = Scope.typed
        var more = typed(Self.execution)
        var command = "run"
        if selection != .unfinished {
            var chosen = PartitionSet(granularity: plan.range.granularity, keys: EmptyCollection())
            for segment in plan.segments where segment.reason.isRun { chosen.append(segment.range) }
            if chosen.ranges.count <= Self.greatestRangeCount {
                scope = .set(chosen)
                if selection == .all { more = ["--only", "all"] + more }
            } else {
                command = arguments.command.name
                more = typed(["only"]) + more
            }
        }
        return line(command, scope, more: more)
    }

    /// How to look at what is held, and to decide about it.
    ///
    /// Of many pieces all that is held is meant: nobody pastes a hundred dates.
    func decisions(about held: PartitionSet?) -> DecisionCommands {
        let set = held.flatMap { !$0.isEmpty && $0.ranges.count <= Self.greatestWordCount ? $0 : nil }
        let reason = ["--reason", "…"]
        return DecisionCommands(
            diff: line("diff", set.map { .words($0) } ?? .none, more: set == nil ? ["--held"] : []),
            approve: line("approve", set.map { .words($0) } ?? .none, more: (set == nil ? ["--all"] : []) + reason),
            reject: line("reject", set.map { .words($0) } ?? .none, more: (set == nil ? ["--all"] : []) + reason))
    }

    /// The partitions one by one, or the range that covers them where they are too many to paste.
    func scope(of set: PartitionSet) -> Scope {
        guard set.ranges.count > Self.greatestRangeCount, let hull = set.hull else { return .dates(set) }
        return .range(hull)
    }

    private func partitions(_ scope: Scope) -> [String] {
        switch scope {
        case .none: return []
        case .typed: return RunOptions.range.flatMap { spec in words(spec.name, arguments.texts(spec.name)) }
        case .words(let set): return PartitionList.text(of: set).split(separator: ",").map(String.init)
        case .dates(let set): return ["--dates", PartitionList.text(of: set)]
        case .set(let set):
            guard set.ranges.count == 1, let range = set.ranges.first else {
                return ["--dates", PartitionList.text(of: set)]
            }
            return partitions(.range(range))
        case .range(let range):
            guard let first = range.first, let last = range.last else { return [] }
            return ["--from", first.description, "--to", last.description] + typed(["settle"])
        }
    }

    /// Options as they stand on the command line; where the line is pasted, the environment is still there.
    private func typed(_ options: [String]) -> [String] {
        options.flatMap { words($0, arguments.typed($0)) }
    }

    private func words(_ option: String, _ values: [String]) -> [String] {
        let takesValue = arguments.command.options.first { $0.name == option }?.takesValue ?? true
        return values.flatMap { takesValue ? ["--\(option)", $0] : ["--\(option)"] }
    }
}

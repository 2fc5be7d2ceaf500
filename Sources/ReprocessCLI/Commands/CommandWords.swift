internal import Partitions

/// Command lines to paste, which mean the same job and configuration as the one that was typed.
struct CommandWords {
    let project: Project
    let arguments: Arguments
    let context: CommandContext
    let job: String

    /// A command on a range of the job.
    ///
    /// The database is never part of it: a URL may hold a password.
    func line(_ command: String, range: PartitionRange) -> String {
        var words = [context.program, command]
        if project.jobs.count > 1 { words.append(job) }
        if let first = range.first, let last = range.last {
            words += ["--from", first.description, "--to", last.description]
        }
        for option in ["config", "schema"] where arguments.has(option) {
            words += ["--\(option)", arguments.text(option) ?? ""]
        }
        return ShellQuoting.line(words)
    }
}

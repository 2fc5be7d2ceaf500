internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// What a command that names partitions one by one is about: `approve [JOB] KEY…`.
struct PartitionWords {
    /// The positional arguments of such a command.
    static let positionals: [Command.Positional] = [
        .job,
        .init(
            name: "KEY", summary: "Partitions and ranges: 2024-01-05 2024-02-01..2024-02-29.", repeats: true),
    ]
    /// The other ways to name partitions.
    static let options = [RunOptions.from, RunOptions.to, RunOptions.dates]

    let job: Job
    /// The partitions that are named; nil where none is.
    let partitions: PartitionSet?

    /// Tells the job from the partitions: it is the first word where that is a job's name, or no partition.
    init(_ arguments: Arguments, _ project: Project) throws {
        var words = arguments.positionals
        let names = project.jobs.map(\.name)
        var name: String?
        if let first = words.first, names.contains(first) || first.first?.isNumber != true {
            name = words.removeFirst()
        }
        job = try project.job(named: name, for: arguments.command)
        let listed = try PartitionList.parse(words, as: job.partitioning.every)
        let chosen = try RequestBuilder(arguments: arguments, job: job).partitions()
        guard listed == nil || chosen == nil else {
            throw UsageError("Partitions are named twice: by '\(words.joined(separator: " "))' and by an option.")
        }
        partitions = listed ?? chosen
    }
}

internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// What a command is about that names partitions one by one: `approve [JOB] KEY…`.
struct PartitionWords {
    /// The positional arguments of such a command.
    static let positionals: [Command.Positional] = [
        .job,
        .init(
            name: "KEY", summary: "Partitions and ranges, as in 2024-01-05 2024-02-01..2024-02-29.", repeats: true),
    ]
    /// The other ways to name partitions.
    static let options = [RunOptions.from, RunOptions.to, RunOptions.dates]

    let job: Job
    /// The partitions that are named; nil where none is.
    let partitions: PartitionSet?
    /// Those of them that are named on their own, and not by a range.
    let singles: [PartitionKey]

    /// Tells the job from the partitions: it is the first word where that is a job's name, or cannot be a partition.
    init(_ arguments: Arguments, _ project: Project) throws {
        var words = arguments.positionals
        var name: String?
        if let first = words.first, project.jobs.contains(where: { $0.name == first }) || !Self.isPartition(first) {
            name = words.removeFirst()
        }
        job = try project.job(named: name, for: arguments.command)
        let every = job.partitioning.every
        let listed = try PartitionList.parse(words, as: every)
        let chosen = try RequestBuilder(arguments: arguments, job: job).partitions()
        guard listed == nil || chosen == nil else {
            throw UsageError("Partitions are named twice: by '\(words.joined(separator: " "))' and by an option.")
        }
        partitions = listed ?? chosen
        singles = try PartitionList.singles(words + arguments.texts("dates"), as: every)
    }

    private static func isPartition(_ word: String) -> Bool { word.first?.isNumber == true }
}

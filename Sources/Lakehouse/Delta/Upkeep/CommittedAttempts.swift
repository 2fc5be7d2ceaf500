internal import Synchronization

/// Which entries of a log committed which attempts of ours, for the versions that have been read.
struct CommittedAttempts: Sendable {
    /// How an attempt was committed.
    struct Commit: Hashable {
        let version: Int64
        /// How many files it published.
        let files: Int
    }

    /// The versions that have been read.
    private(set) var versions: ClosedRange<Int64>
    private var commits: [Writer: Commit] = [:]

    /// Begins with the newest entry.
    init(_ actions: [DeltaAction], version: Int64) {
        versions = version...version
        note(actions, version)
    }

    func commit(of writer: Writer) -> Commit? { commits[writer] }

    /// Takes in the entry behind those that have been read, or the one before them.
    mutating func apply(_ actions: [DeltaAction], version: Int64) {
        versions = min(version, versions.lowerBound)...max(version, versions.upperBound)
        note(actions, version)
    }

    /// An entry that brings old files back names them as well, but does not count their attempt.
    private mutating func note(_ actions: [DeltaAction], _ version: Int64) {
        var counted: Set<Int64> = []
        var added: [Writer: Int] = [:]
        for action in actions {
            switch action {
            case .transaction(let count) where count.appId.hasPrefix("reprocess/"): counted.insert(count.version)
            case .add(let file):
                guard let name = PublishedFileName(Path.name(of: DeltaPath.canonical(file.path))) else { continue }
                added[name.writer, default: 0] += 1
            default: continue
            }
        }
        for (writer, files) in added where counted.contains(writer.fence) {
            commits[writer] = Commit(version: version, files: files)
        }
    }
}

/// The commits of a table, read once in a process, backwards and only as far as somebody asks for.
final class SharedCommits: Sendable {
    /// What is known of an attempt's commit.
    enum Answer: Hashable {
        case committed(CommittedAttempts.Commit)
        /// The log does not reach back so far any more.
        case unreachable
        /// The log reaches back to its beginning, and has no such commit.
        case never
    }

    private let commits = Mutex<CommittedAttempts?>(nil)

    /// Looks for the entry that committed an attempt, among those up to a version.
    func commit(of writer: Writer, in log: DeltaLog, through version: Int64) throws -> Answer {
        try commits.withLock { commits in
            guard try refresh(&commits, log, version) else { return .unreachable }
            while true {
                if let commit = commits?.commit(of: writer) { return .committed(commit) }
                guard let first = commits?.versions.lowerBound, first > 0 else { return .never }
                guard let actions = try log.actions(after: first - 2, through: first - 1) else { return .unreachable }
                commits?.apply(actions, version: first - 1)
            }
        }
    }

    /// Reads on to a version; false where its entry has gone.
    private func refresh(_ commits: inout CommittedAttempts?, _ log: DeltaLog, _ version: Int64) throws -> Bool {
        while let known = commits?.versions.upperBound, known < version {
            guard let actions = try log.actions(after: known, through: known + 1) else {
                commits = nil
                break
            }
            commits?.apply(actions, version: known + 1)
        }
        if commits == nil, let actions = try log.actions(after: version - 1, through: version) {
            commits = CommittedAttempts(actions, version: version)
        }
        return commits != nil
    }
}

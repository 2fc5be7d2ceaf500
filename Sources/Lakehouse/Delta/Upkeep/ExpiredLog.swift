/// Which names of a log are older than the table keeps them ("Metadata Cleanup").
struct ExpiredLog {
    /// Something in the log's folder.
    struct Entry: Hashable {
        let name: String
        let size: Int64
        /// Milliseconds since 1970.
        let modified: Int64
    }

    /// The checkpoint that stands for everything that may go.
    let checkpoint: [CheckpointPart]
    /// What may go, oldest version first.
    let entries: [Entry]

    private static let day: Int64 = 86_400_000

    /// Finds what may go; nil where there is nothing.
    ///
    /// - Parameters:
    ///   - names: What is in the folder.
    ///   - oldest: Milliseconds since 1970; what was committed on that day or later stays.
    init?(_ names: [Entry], keepingSince oldest: Int64) {
        let cutoff = oldest - ((oldest % ExpiredLog.day) + ExpiredLog.day) % ExpiredLog.day
        guard let last = ExpiredLog.newestCommit(of: names, until: cutoff) else { return nil }
        let listing = LogListing(names: names.map(\.name).filter { ExpiredLog.version($0).map { $0 <= last } ?? false })
        // A log with gaps is none to be tidied up.
        guard let plan = try? listing.plan(), let version = plan.checkpoint.first?.version else { return nil }
        let expired = names.filter { ExpiredLog.mayGo($0.name, before: version) }
        guard !expired.isEmpty else { return nil }
        checkpoint = plan.checkpoint
        entries = expired.sorted { $0.name < $1.name }
    }

    /// The newest entry that is not younger; a commit is never older than the one before it, whatever its file says.
    private static func newestCommit(of names: [Entry], until cutoff: Int64) -> Int64? {
        var commits: [(version: Int64, modified: Int64)] = []
        for entry in names {
            if case .entry(let version) = LogFileName(entry.name) { commits.append((version, entry.modified)) }
        }
        // So the first one that is too young ends the search.
        return commits.sorted { $0.version < $1.version }.prefix { $0.modified <= cutoff }.last?.version
    }

    private static func version(_ name: String) -> Int64? {
        switch LogFileName(name) {
        case .entry(let version): version
        case .checkpoint(let part): part.version
        case nil: nil
        }
    }

    /// The entry of the checkpoint's own version stays: it says who made it.
    private static func mayGo(_ name: String, before version: Int64) -> Bool {
        if let own = ExpiredLog.version(name) { return own < version }
        let fields = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = fields.first, first.utf8.count == 20, let start = Int64(first) else { return false }
        if fields.count == 2, fields[1] == "crc" { return start < version }
        // From one version to another: readers take it in the place of entries of which some have gone.
        return fields.count == 4 && fields[2] == "compacted" && fields[3] == "json" && start <= version
    }
}

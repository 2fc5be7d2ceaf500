internal import FaultPoints
internal import Glibc
public import Partitions

extension DeltaTable {
    /// Installs the writer's fence for a partition and makes its staging folder.
    ///
    /// The fence is the name of the file that becomes the log entry. It is made first, and only then are the others looked
    /// for, so of two attempts at the same time at least one sees the other. All below are revoked: their files are
    /// renamed, and the rename that would make one of them a log entry fails. After this, `current` changes by no lower
    /// fence.
    public func begin(_ key: PartitionKey, writer: Writer) throws -> Staging {
        try reporting("begin partition \(key)") {
            try durable.ensure(Path.parent(of: layout.attempts(key)))
            // Not synced: the names in it are there for processes that live, and none outlives a power cut.
            try FileSystem.ensureDirectory(layout.attempts(key), syncsParents: false)
            let commit = layout.entry(key, .commit(writer))
            try FileSystem.touch(commit)
            try faults.reached(.fenceInstalled)
            let standing: DeltaStanding
            do {
                standing = try self.standing(of: key)
                try refuse(standing, key, writer)
            } catch {
                // Nothing of ours may stay that would be taken for a fence, or could become a log entry.
                try FileSystem.removeFile(commit)
                throw error
            }
            try faults.reached(.floorSeen)
            for lower in standing.writers(below: writer.fence) { try revoke(key, lower) }
            return try stage(key, writer, standing)
        }
    }

    private func stage(_ key: PartitionKey, _ writer: Writer, _ standing: DeltaStanding) throws -> Staging {
        // Only now: what the attempts below have committed is part of what this one replaces.
        let look = try look(at: key)
        let base = PartitionBase(version: look.version, files: look.table?.partition ?? [])
        if options.addsColumns { begunColumns.note(look.table?.schema, for: writer) }
        // Nobody but this attempt makes or renames its own base.
        if let earlier = standing.base(of: writer), earlier != base {
            try FileSystem.removeFile(layout.entry(key, .base(writer, earlier)))
        }
        try marks.make(layout.entry(key, .base(writer, base)))
        let directory = layout.entry(key, .staging(writer))
        _ = try FileSystem.expecting(EEXIST) { () throws(SystemCallError) in try FileSystem.makeDirectory(directory) }
        try refuseIfRevoked(key, writer)
        try faults.reached(.begun)
        return Staging(key: key, writer: writer, directory: directory)
    }

    /// Ends an attempt whose fence was taken away while it began.
    ///
    /// Whoever did so cleared what was there by then. What was made since is cleared here.
    private func refuseIfRevoked(_ key: PartitionKey, _ writer: Writer) throws {
        let standing = try attemptEntries(of: key)
        guard !standing.has(.commit(writer)) else { return }
        try removeRemains(of: writer, key, standing)
        let highest = standing.entries.map(\.writer.fence).max() ?? 0
        throw fenced(key, writer, by: highest)
    }

    func fenced(_ key: PartitionKey, _ writer: Writer, by fence: Int64) -> TableError {
        TableError(
            .fenced,
            """
            Partition \(key) of \(layout.root) belongs to an attempt with fence \(fence), higher than \(writer.fence). \
            This attempt is outdated: claim the partition again.
            """, fence: fence)
    }

    /// Who has been at a partition.
    ///
    /// The folder of the attempts is read before the log: an attempt that commits moves from the first to the second, so
    /// this order cannot miss it in both.
    func standing(of key: PartitionKey) throws -> DeltaStanding {
        let entries = try attemptEntries(of: key).entries
        let table = try look(at: key).table
        let names = table?.partition.compactMap { PublishedFileName(Path.name(of: DeltaPath.canonical($0.path))) } ?? []
        return DeltaStanding(
            entries: entries, committedFence: table?.committedFence, visibleWriters: Set(names.map(\.writer)))
    }

    /// The attempts at a partition without what the log says of them.
    func attemptEntries(of key: PartitionKey) throws -> DeltaStanding {
        let names = try DirectoryHandle.openIfPresent(layout.attempts(key))?.entries().map(\.name) ?? []
        return DeltaStanding(
            entries: names.compactMap { DeltaAttemptEntry($0) }, committedFence: nil, visibleWriters: [])
    }

    private func refuse(_ standing: DeltaStanding, _ key: PartitionKey, _ writer: Writer) throws {
        switch standing.verdict(on: writer) {
        case .fenced(let fence):
            throw fenced(key, writer, by: fence)
        case .fenceTaken:
            throw TableError(
                .refused,
                """
                Partition \(key) of \(layout.root) has been begun with fence \(writer.fence) by another claim. Two \
                ledgers seem to write this table: use one.
                """)
        case .highest:
            guard standing.committedFence == writer.fence || standing.has(.ended(writer)) else { return }
            throw TableError(
                .refused,
                "Attempt \(writer.name) has ended already in partition \(key). A new attempt needs a new fence.")
        }
    }
}

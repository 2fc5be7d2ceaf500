internal import Glibc
public import Partitions

extension DeltaTable {
    /// The partitions of which an attempt has left a name, and those that have a folder of data files.
    public func partitionsWithLeftovers(_ granularity: Granularity) throws -> [PartitionKey] {
        try reporting("list what is kept of \(layout.root)") {
            var keys = try heldStagings.keys(granularity).union(keptBatches.keys(granularity))
            if let handle = try DirectoryHandle.openIfPresent(layout.sibling + "/staging") {
                try handle.forEachEntry { entry in
                    // Any other name is not ours, and none of our business.
                    if let key = try? PartitionKey(parsing: entry.name, as: granularity) { keys.insert(key) }
                    return true
                }
            }
            if let handle = try DirectoryHandle.openIfPresent(layout.root) {
                try handle.forEachEntry { entry in
                    if let (column, value) = DeltaPath.partition(folder: entry.name), column == layout.column,
                        let value,
                        let key = try? PartitionKey(parsing: value, as: granularity)
                    {
                        keys.insert(key)
                    }
                    return true
                }
            }
            return keys.sorted()
        }
    }

    /// What is kept of a partition and may have become garbage.
    ///
    /// The attempts' folder is read before the log, as everywhere: an attempt moves from the first to the second.
    public func leftovers(of key: PartitionKey) throws -> PartitionLeftovers {
        try reporting("look for what is left of partition \(key)") {
            let standing = try standing(of: key)
            var items: [Leftover] = []
            for writer in Set(standing.entries.map(\.writer)).sorted(by: { $0.fence < $1.fence }) {
                if let item = try leftover(writer, key, standing) { items.append(item) }
            }
            let found = try foundDataFiles(key)
            // A table that is empty of our files needs no look at its whole log.
            if !found.isEmpty {
                for (writer, files) in try inventory(key, standing).garbage(found) {
                    let path = layout.root + "/" + files[0].path
                    items.append(
                        Leftover(
                            kind: .replaced, writer: writer, path: path, files: files.count,
                            bytes: files.reduce(0) { $0 + $1.size }))
                }
            }
            return PartitionLeftovers(
                key: key, items: try items + heldStagings.leftovers(key) + keptBatches.leftovers(key))
        }
    }

    /// What the names of one attempt say.
    private func leftover(_ writer: Writer, _ key: PartitionKey, _ standing: DeltaStanding) throws -> Leftover? {
        let own = standing.entries.filter { $0.writer == writer }
        let floor = max(
            standing.committedFence ?? 0,
            (standing.entries.map(\.writer) + Array(standing.visibleWriters)).map(\.fence).max() ?? 0)
        if own == [.ended(writer)] {
            guard writer.fence < floor else { return nil }
            return Leftover(kind: .record, writer: writer, path: layout.entry(key, .ended(writer)))
        }
        // A name alone, of the highest fence, is the floor.
        if own == [.commit(writer)], writer.fence == floor { return nil }
        let mayCommit = standing.has(.commit(writer)) || standing.has(.revoked(writer))
        let isCommitted =
            !mayCommit || standing.visibleWriters.contains(writer) || standing.committedFence == writer.fence
        var size = TreeSize()
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try size.add(layout.entry(key, .staging(writer)))
        }
        let moved = isCommitted ? [] : try foundDataFiles(key).filter { $0.writer == writer }
        return Leftover(
            kind: isCommitted ? .unfinishedPublish : .staging, writer: writer,
            path: layout.entry(key, .staging(writer)),
            files: size.files + moved.count, bytes: moved.reduce(size.bytes) { $0 + $1.size })
    }

    /// What the log says of a partition's files, not older than a standing that was read before.
    func inventory(_ key: PartitionKey, _ standing: DeltaStanding) throws -> DeltaInventory {
        let look = try look(at: key)
        let retention = look.table.flatMap { DeltaProperties($0.metadata).deletedFileRetention }
        return DeltaInventory(
            live: Set((look.table?.partition ?? []).map { DeltaPath.canonical($0.path) }),
            tombstones: try tombstones.value(of: log, through: look.version),
            unsettled: Set(standing.entries.filter { $0 != .ended($0.writer) }.map(\.writer)),
            expiry: retention.map { clock() - $0 }, root: layout.root)
    }

    /// The files of ours in a partition's folder.
    func foundDataFiles(_ key: PartitionKey) throws -> [FoundDataFile] {
        var found: [FoundDataFile] = []
        var open = [layout.dataFolder(key)]
        while let folder = open.popLast() {
            guard let handle = try DirectoryHandle.openIfPresent(layout.root + "/" + folder) else { continue }
            for entry in try handle.entries() {
                let path = folder + "/" + entry.name
                if entry.kind == .directory {
                    open.append(path)
                } else if let name = PublishedFileName(entry.name), let status = try handle.status(of: entry.name) {
                    found.append(
                        FoundDataFile(
                            path: path, writer: name.writer, size: status.size,
                            modified: status.modifiedNanoseconds / 1_000_000))
                }
            }
        }
        return found
    }
}

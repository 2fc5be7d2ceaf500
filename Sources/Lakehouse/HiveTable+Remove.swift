internal import Glibc
public import Partitions

extension HiveTable {
    /// Removes a leftover, or brings its publish to an end.
    ///
    /// Whatever the caller believes, nothing that readers see is touched, and the partition's floor does not sink. An
    /// attempt that is taken for dead and lives cannot publish any more once its staging has been taken away, exactly as
    /// if a higher fence had done it.
    public func remove(_ leftover: Leftover, of key: PartitionKey) throws -> Bool {
        try reporting("clean up partition \(key)") {
            switch leftover.kind {
            case .staging, .unfinishedPublish: return try settle(key, leftover.writer)
            case .replaced: return try FolderRemoval.remove(leftover.path)
            case .held: return try heldStagings.drop(key, leftover.writer)
            case .batches: return try keptBatches.drop(key, leftover.writer)
            case .remains: return try FolderRemoval.finish(leftover.path)
            case .record:
                try FileSystem.removeFile(leftover.path)
                return true
            }
        }
    }

    private func settle(_ key: PartitionKey, _ writer: Writer) throws -> Bool {
        let entries = try stagingEntries(of: key)
        let own = entries.filter { $0.writer == writer }
        guard own.contains(where: { if case .floor = $0 { false } else { true } }) else { return false }
        try keepFloor(of: key, entries, without: writer)
        try revoke(key, writer)
        if try record(of: writer, key)?.state == .published {
            // That name is the fence.
            try FileSystem.removeFile(layout.entry(key, .floor(writer)))
        }
        return true
    }

    /// Leaves a fence where the highest one is about to go.
    ///
    /// A folder would not do: an attempt that sleeps in the middle of its publish would exchange it for the partition.
    private func keepFloor(of key: PartitionKey, _ entries: [StagingEntry], without writer: Writer) throws {
        let visible = try contents(layout.partition(key))?.writers
        let others = entries.map(\.writer).filter { $0 != writer } + Array(visible ?? [])
        guard others.allSatisfy({ $0.fence < writer.fence }) else { return }
        try FileSystem.touch(layout.entry(key, .floor(writer)))
    }
}

internal import Partitions

/// A folder in a partition's staging folder.
struct StagingFolder: Hashable {
    let entry: StagingEntry
    let contents: FolderContents
    let size: TreeSize
}

/// A generation that was replaced, where it is kept.
struct ReplacedFolder: Hashable {
    let replacedBy: Writer
    let path: String
    let isHalfRemoved: Bool
    /// The attempts that named its files.
    let writers: Set<Writer>
    let size: TreeSize
}

/// Everything that is kept of a partition, and what of it may become garbage at all.
///
/// The names in the staging folder are fences, and the highest one is the partition's floor: it stays, whatever the
/// ledger says of its attempt, and so does the record of what readers see. A record also stays for as long as a replaced
/// generation that it describes.
struct PartitionInventory {
    let layout: HiveLayout
    let key: PartitionKey
    /// What readers see.
    let visible: FolderContents?
    let entries: [StagingEntry]
    let stagings: [StagingFolder]
    let replaced: [ReplacedFolder]

    /// What may go as soon as the ledger says that its attempt is dead, or past its grace.
    var leftovers: [Leftover] {
        stagings.compactMap(leftover) + replaced.map(leftover) + entries.compactMap(leftover)
    }

    /// The fence below which nothing can begin.
    private var floor: Int64 {
        (entries.map(\.writer) + Array(visible?.writers ?? [])).map(\.fence).max() ?? 0
    }

    private func leftover(_ staging: StagingFolder) -> Leftover? {
        let writer = staging.entry.writer
        let record = PartitionStanding(entries: entries, visibleWriters: []).record(of: writer)
        let isPublished = record != nil && !staging.contents.writers.contains(writer)
        // An empty folder of the highest fence is the floor, and frees nothing.
        if !isPublished, staging.contents.nodes.isEmpty, writer.fence == floor { return nil }
        return Leftover(
            kind: isPublished ? .unfinishedPublish : .staging, writer: writer,
            path: layout.entry(key, staging.entry), files: staging.size.files, bytes: staging.size.bytes)
    }

    private func leftover(_ generation: ReplacedFolder) -> Leftover {
        Leftover(
            kind: generation.isHalfRemoved ? .remains : .replaced, writer: generation.replacedBy,
            path: generation.path, files: generation.size.files, bytes: generation.size.bytes)
    }

    private func leftover(_ entry: StagingEntry) -> Leftover? {
        let writer = entry.writer
        switch entry {
        case .staging, .revoked: return nil
        case .floor: break
        case .record(let record):
            if visible?.writers.contains(writer) == true {
                // The publish of a new partition leaves no folder behind: only its record tells that it was not finished.
                guard record.state == .publishing, visible?.soleWriter == writer, !hasFolder(writer) else { return nil }
                return Leftover(kind: .unfinishedPublish, writer: writer, path: layout.entry(key, entry))
            }
        }
        guard writer.fence < floor, !hasFolder(writer) else { return nil }
        return Leftover(
            kind: .record, writer: writer, path: layout.entry(key, entry), neededBy: holders(of: writer))
    }

    private func hasFolder(_ writer: Writer) -> Bool { stagings.contains { $0.entry.writer == writer } }

    /// The attempts whose leftovers hold files of an attempt.
    private func holders(of writer: Writer) -> Set<Writer> {
        let stagings = stagings.filter { $0.contents.writers.contains(writer) }.map(\.entry.writer)
        let replaced = replaced.filter { !$0.isHalfRemoved && $0.writers.contains(writer) }.map(\.replacedBy)
        return Set(stagings + replaced)
    }
}

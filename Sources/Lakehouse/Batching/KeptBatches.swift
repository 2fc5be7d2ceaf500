internal import FaultPoints
internal import Glibc
internal import Partitions

/// The files of finished batches: `batches/<key>/<attempt>/<number>-<file>.parquet` in the folder beside the table.
///
/// Nothing that begins, publishes or revokes comes here, and no name is used twice. Which of the files count is not decided
/// here: the ledger's checkpoints name them, and only the owner of a claim adds one. So an attempt that lives on after its
/// partition was taken over may leave files that nobody reads, and no more.
struct KeptBatches: AttemptFolders {
    static let folderName = "batches"
    static let leftoverKind = Leftover.Kind.batches

    let sibling: String
    let faults: FaultInjector

    /// Brings staged files to the disk and moves them here.
    ///
    /// - Returns: Their names here.
    func keep(
        _ files: [String], number: Int, of staging: Staging, _ durable: DurableFolders, _ failedSyncs: FailedSyncs
    ) throws -> [String] {
        for file in files {
            // One that has gone with its staging is no transform's mistake.
            try FileSystem.check("access", file) { access(file, F_OK) }
            try ParquetFile.check(file, FileSystem.status(of: file))
        }
        let folder = path(staging.key, staging.writer)
        try durable.ensure(root)
        try FileSystem.ensureDirectory(folder)
        let names = files.indices.map { KeptBatches.name(number, $0) }
        try failedSyncs.remembering(staging.writer) {
            for file in files { try FileSystem.syncFile(file) }
        }
        for (file, name) in zip(files, names) { try FileSystem.renameToNew(file, to: folder + "/" + name) }
        try failedSyncs.remembering(staging.writer) {
            try FileSystem.syncDirectory(folder)
            // Whoever made the folder of the partition may not have come to it yet.
            try FileSystem.syncDirectory(self.folder(staging.key))
            try FileSystem.syncDirectory(root)
        }
        try faults.reached(.batchSynced)
        return names
    }

    /// The size of a batch's files; nil where one is missing.
    func bytes(_ batch: KeptBatch, _ key: PartitionKey) throws -> Int64? {
        var bytes: Int64 = 0
        for name in batch.files {
            guard let status = try FileSystem.status(of: path(key, batch.writer) + "/" + name, followingLinks: false),
                status.kind == .file
            else { return nil }
            bytes += status.size
        }
        return bytes
    }

    /// The files of batches, in their order, to be published.
    func files(_ batches: [KeptBatch], _ key: PartitionKey) -> LinkedFiles {
        LinkedFiles(
            batches.flatMap { batch in batch.files.map { path(key, batch.writer) + "/" + $0 } }, faults: faults)
    }

    /// Removes what attempts up to a fence have kept.
    func drop(_ key: PartitionKey, through fence: Int64) throws {
        guard let handle = try DirectoryHandle.openIfPresent(folder(key)) else { return }
        for entry in try handle.entries() {
            let name = entry.name.split(separator: ".", maxSplits: 1)[0]
            guard let writer = Writer(name: name), writer.fence <= fence else { continue }
            if entry.name == writer.name {
                _ = try drop(key, writer)
            } else {
                _ = try FolderRemoval.finish(handle.path + "/" + entry.name)
            }
        }
        try FileSystem.removeEmptyDirectory(folder(key))
    }

    private static func name(_ number: Int, _ file: Int) -> String {
        let digits = String(number)
        return "batch-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-\(file).parquet"
    }
}

/// The files of one finished batch, by their names, and the attempt that made them.
public struct KeptBatch: Sendable, Hashable {
    /// The attempt.
    public let writer: Writer
    /// The names of the files.
    public let files: [String]

    /// Names the files of a batch.
    public init(writer: Writer, files: [String]) {
        self.writer = writer
        self.files = files
    }
}

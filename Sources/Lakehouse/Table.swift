public import Foundation
public import Partitions

/// The attempt on whose behalf a table is written: the fence orders attempts, the claim id tells them apart.
public struct Writer: Sendable, Hashable {
    /// A number that only grows; the table refuses a lower one than it has seen for a partition.
    public let fence: Int64
    /// A random id, made anew for each attempt.
    public let claimID: UUID

    /// Creates a writer.
    public init(fence: Int64, claimID: UUID) {
        self.fence = fence
        self.claimID = claimID
    }
}

/// One partition's staging: a folder where no reader looks.
public struct Staging: Sendable, Hashable {
    /// The partition.
    public let key: PartitionKey
    /// The attempt that stages.
    public let writer: Writer
    /// The absolute path of the folder into which the files go.
    ///
    /// The name of a file does not matter: publishing gives each one a name that was never used before.
    public let directory: String

    /// Creates a staging.
    public init(key: PartitionKey, writer: Writer, directory: String) {
        self.key = key
        self.writer = writer
        self.directory = directory
    }
}

/// What a table holds for one partition.
public struct Generation: Sendable, Hashable {
    /// The attempt that published it; nil where the files are not ours.
    public let writer: Writer?
    /// What the table calls it.
    public let version: String
    /// The absolute paths of its files, sorted.
    public let files: [String]
    /// The size of its files in bytes.
    public let bytes: Int64
    /// The number of rows as recorded when it was published; nil where the files are not ours.
    public let rows: Int64?

    /// Creates a generation.
    public init(writer: Writer?, version: String, files: [String], bytes: Int64, rows: Int64?) {
        self.writer = writer
        self.version = version
        self.files = files
        self.bytes = bytes
        self.rows = rows
    }
}

/// What became of a publish.
///
/// A lost race is a value, not an error.
public enum PublishOutcome: Sendable, Hashable {
    /// The partition is the staged generation now, durably.
    case published(Generation)
    /// An attempt with a higher fence has been here; nothing was changed.
    case fenced(by: Int64)
}

/// Something that can replace exactly one partition at a time, atomically and fenced.
///
/// Every function blocks: call it on a thread of its own.
public protocol Table: Sendable {
    /// The table's canonical name, equal for all jobs and processes that write it, whatever path they were given.
    var identity: String { get }

    /// Checks what would make a publish fail, before any work: permissions, file system, features.
    ///
    /// - Throws: `TableError` with what is wrong and what to do.
    func check() throws

    /// Checks whether the table is of a kind that may be written at all, by what it holds.
    ///
    /// A part of `check` that changes nothing, and needs no right to write.
    ///
    /// - Throws: `TableError` with everything that stands in the way.
    func checkSuitability() throws

    /// Installs the writer's fence for a partition and makes its staging folder.
    ///
    /// From then on no attempt with a lower fence can publish to the partition, also one that was stopped in the middle
    /// of its publish. Look at `current` after this, never before it.
    ///
    /// - Throws: `TableError`; `.fenced` where a higher fence is installed already.
    func begin(_ key: PartitionKey, writer: Writer) throws -> Staging

    /// What the partition holds now; nil where it does not exist.
    func current(_ key: PartitionKey) throws -> Generation?

    /// Makes the staged files the partition, in one atomic step, and durably.
    ///
    /// - Parameters:
    ///   - staging: A staging with at least one file; a result without rows is a file without rows.
    ///   - rows: The number of rows in the staged files.
    /// - Returns: The new generation, or the fence that forbade it.
    /// - Throws: `TableError` where nothing was published, or the outcome is unknown and `current` will tell.
    func publish(_ staging: Staging, rows: Int64) throws -> PublishOutcome

    /// Removes a staging that will not be published.
    func discard(_ staging: Staging) throws

    /// Sets a staging aside, durably, until somebody decides: the `begin` of no later attempt touches it.
    ///
    /// The fence of its attempt stays, as after `discard`, and the attempt cannot publish any more.
    ///
    /// - Throws: `TableError`; `.fenced` where a higher fence has taken the staging away.
    func hold(_ staging: Staging) throws -> HeldGeneration

    /// What is held of an attempt; nil where it is gone, or was never held.
    func held(_ key: PartitionKey, by writer: Writer) throws -> HeldGeneration?

    /// Fills a begun staging with exactly the files that are held of an attempt, to be published from there.
    ///
    /// May be called again after an error. What is held stays.
    ///
    /// - Throws: `TableError`; `.missing` where nothing is held of the attempt, `.fenced` where the staging was taken away.
    func stageHeld(by writer: Writer, into staging: Staging) throws

    /// Removes what is held of an attempt; nothing where there is nothing.
    func dropHeld(_ key: PartitionKey, by writer: Writer) throws

    /// The generation that an attempt replaced when it published, and whether it can be put back.
    ///
    /// Whether the partition still is that attempt's is not asked: see `current`.
    func replaced(_ key: PartitionKey, by writer: Writer) throws -> ReplacedGeneration

    /// Fills a begun staging with the files of the generation that an attempt replaced, to be published from there.
    ///
    /// The files are the same, byte for byte, and get new names when they are published. May be called again after an
    /// error.
    ///
    /// - Throws: `TableError`; `.missing` where that generation cannot be put back, with the reason, `.fenced` where the
    ///   staging was taken away.
    func stageReplaced(by writer: Writer, into staging: Staging) throws

    /// Brings the staged files of a finished batch to the disk, and moves them where no later attempt takes them away.
    ///
    /// They become part of the partition only by `stageBatches` and `publish`. Which of them an attempt may go on with is for
    /// the ledger to say: it names them, and knows whose they are.
    ///
    /// - Parameters:
    ///   - files: The absolute paths of complete Parquet files in the staging folder.
    ///   - number: The number of the batch; no two of an attempt have the same.
    ///   - staging: The staging.
    /// - Returns: The names by which `KeptBatch` knows them.
    /// - Throws: `TableError`; `.fenced` where the staging was taken away.
    func keepBatch(_ files: [String], number: Int, of staging: Staging) throws -> [String]

    /// The size of the files of a kept batch; nil where one of them is missing.
    func bytes(of batch: KeptBatch, _ key: PartitionKey) throws -> Int64?

    /// Fills a begun staging with exactly the files of finished batches, in their order, to be published from there.
    ///
    /// May be called again after an error. What is kept stays.
    ///
    /// - Throws: `TableError`; `.missing` where a file is missing, `.fenced` where the staging was taken away.
    func stageBatches(_ batches: [KeptBatch], into staging: Staging) throws

    /// Removes the batches of a partition that attempts up to a fence have kept; nothing where there are none.
    ///
    /// Only when the ledger has forgotten them: a later attempt would go on with them.
    func dropBatches(_ key: PartitionKey, through fence: Int64) throws

    /// What there is to tell beside the outcomes of earlier calls, such as upkeep that failed: each sentence once.
    func takeNotices() -> [String]

    /// Lets upkeep, such as checkpoints, go on beside the publishes from now on, on a thread of its own.
    ///
    /// Without this it is done by the publish that finds it due. Whoever calls it calls `finishUpkeep` at the end.
    func beginUpkeep()

    /// Waits until all upkeep that is due is done, and what comes later is done by the publishes again.
    func finishUpkeep()

    /// Ends upkeep that is under way soon, and drops what waits; what is missing is done by a later run.
    ///
    /// Never waits, and may be called from any thread.
    func cancelUpkeep()

    /// The attempt that a `Generation.version` names; nil where it names none.
    func writer(ofVersion version: String) -> Writer?

    /// What readers see in the partition, and what speaks against it; nil where it does not exist.
    ///
    /// Changes nothing, and opens no file.
    func inspect(_ key: PartitionKey) throws -> PartitionInspection?

    /// The partitions of which something is kept that readers do not see, by time.
    func partitionsWithLeftovers(_ granularity: Granularity) throws -> [PartitionKey]

    /// What is kept of a partition that readers do not see, and that may have become garbage.
    ///
    /// Changes nothing. Ask the ledger about the attempts after this, never before it: an attempt that it does not know
    /// then is not one of its own.
    func leftovers(of key: PartitionKey) throws -> PartitionLeftovers

    /// Removes a leftover that `CleaningRule` has found removable, or brings its publish to an end.
    ///
    /// - Returns: False where somebody else has done it already.
    func remove(_ leftover: Leftover, of key: PartitionKey) throws -> Bool

    /// What nobody needs any more of the table as a whole, whatever the ledger says.
    ///
    /// Changes nothing.
    func tableLeftovers() throws -> [TableLeftover]

    /// Removes such a leftover.
    ///
    /// - Returns: False where somebody else has done it already, or is at it.
    func remove(_ leftover: TableLeftover) throws -> Bool
}

/// Tables that have nothing to do beside their publishes.
extension Table {
    /// Does nothing.
    public func beginUpkeep() {}

    /// Returns at once.
    public func finishUpkeep() {}

    /// Does nothing.
    public func cancelUpkeep() {}
}

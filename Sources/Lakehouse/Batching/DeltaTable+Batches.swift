internal import Glibc
public import Partitions

extension DeltaTable {
    var keptBatches: KeptBatches { KeptBatches(sibling: layout.sibling, faults: faults) }

    /// Brings the staged files of a finished batch to the disk, and keeps them where no later attempt takes them away.
    public func keepBatch(_ files: [String], number: Int, of staging: Staging) throws -> [String] {
        try reporting("keep a batch of partition \(staging.key)") {
            try failedSyncs.check(staging.writer)
            return try filling(staging) {
                try keptBatches.keep(files, number: number, of: staging, durable, failedSyncs)
            }
        }
    }

    /// The size of a kept batch; nil where a file of it is missing.
    public func bytes(of batch: KeptBatch, _ key: PartitionKey) throws -> Int64? {
        try reporting("look for a batch of partition \(key)") { try keptBatches.bytes(batch, key) }
    }

    /// Fills a begun staging with hard links to the files of batches.
    public func stageBatches(_ batches: [KeptBatch], into staging: Staging) throws {
        try reporting("stage the batches of partition \(staging.key)") {
            let files = keptBatches.files(batches, staging.key)
            try filling(staging) { try files.fill(staging.directory, age: .new) }
        }
    }

    /// Removes the batches that attempts up to a fence have kept.
    public func dropBatches(_ key: PartitionKey, through fence: Int64) throws {
        try reporting("remove the batches of partition \(key)") { try keptBatches.drop(key, through: fence) }
    }
}

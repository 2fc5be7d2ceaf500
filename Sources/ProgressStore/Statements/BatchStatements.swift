internal import Foundation
internal import Partitions

/// Records a finished batch.
struct RecordBatch: Statement {
    static let source = PackageResources.record_batch_sql
    let job: String
    let token: ClaimToken
    let checkpoint: BatchCheckpoint

    var parameters: [String?] {
        [
            job, token.key.description, "\(token.fence)", token.claimID.uuidString, "\(checkpoint.number)",
            ArrayText.texts(checkpoint.files), "\(checkpoint.rows)", "\(checkpoint.bytes)", checkpoint.firstKey,
            checkpoint.nextKey, "\(checkpoint.batchSize)", checkpoint.fields, checkpoint.sourceIdentity,
            checkpoint.transformVersion,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int { Int(try row.requiredInteger(0)) }
}

/// Reads the finished batches of a partition.
struct Batches: Statement {
    static let source = PackageResources.batches_sql
    let job: String
    let key: PartitionKey

    var parameters: [String?] { [job, key.description] }

    static func row(_ row: RowReader) throws(LedgerError) -> RecordedBatch {
        RecordedBatch(
            fence: try row.requiredInteger(1), claimID: try row.uuid(2),
            checkpoint: BatchCheckpoint(
                number: Int(try row.requiredInteger(0)),
                // The table gives the names, and no name of a file has a slash.
                files: try row.requiredText(3).split(separator: "/").map(String.init),
                rows: try row.requiredInteger(4), bytes: try row.requiredInteger(5), firstKey: row.text(6),
                nextKey: row.text(7), batchSize: try row.requiredInteger(8), fields: try row.requiredText(9),
                sourceIdentity: row.text(10), transformVersion: try row.requiredText(11)))
    }
}

/// Forgets the finished batches of a partition.
struct ForgetBatches: Statement {
    static let source = PackageResources.forget_batches_sql
    let job: String
    let token: ClaimToken

    var parameters: [String?] { [job, token.key.description, "\(token.fence)", token.claimID.uuidString] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Reads whose finished batches are gone on with.
struct NeededBatches: Statement {
    static let source = PackageResources.needed_batches_sql
    let fences: Set<Int64>

    var parameters: [String?] { [ArrayText.plain(fences.sorted())] }

    static func row(_ row: RowReader) throws(LedgerError) -> BatchOwner {
        BatchOwner(fence: try row.requiredInteger(0), claimID: try row.uuid(1))
    }
}

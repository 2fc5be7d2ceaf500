internal import Partitions

/// A partition carries a fence that its ledger has never given out: the ledger is new, or was restored from a backup.
struct ForeignFenceError: Error, CustomStringConvertible {
    /// Far beyond what the other partitions can carry, and nothing to a number of 64 bits.
    private static let leap: Int64 = 1_000_000_000

    let key: PartitionKey
    let fence: Int64
    let reached: Int64

    var description: String {
        """
        Partition \(key) of the table carries fence \(fence), and this ledger has come to \(reached) only: it is a new \
        one, or was restored from a backup. Nothing was changed. If no other ledger writes the table, let the ledger's \
        owner run  SELECT setval('reprocess.fence', \(fence + Self.leap))  in its database (with the name of your \
        schema), then run the command again.
        """
    }
}

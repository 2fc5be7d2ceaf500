/// What really happened, as nobody in the model can know it; the invariants are judged by it.
struct Oracle {
    /// Until when a claim may not be taken over, by what the database has confirmed.
    var leaseEnds = InlineArray<48, Int>(repeating: 0)
    /// When the claim or mark was made that a row has now.
    var rowOrder = InlineArray<6, Int>(repeating: 0)
    /// When a row ended.
    var endedAt = InlineArray<6, Int>(repeating: 0)
    /// When a row was last claimed after it had ended.
    var reopenedAt = InlineArray<6, Int>(repeating: 0)
    /// When each attempt was claimed.
    var claimedAt = InlineArray<48, Int>(repeating: 0)
    /// Of a COMPLETE row, the attempt whose generation the table must hold; -1 where nothing is promised.
    var generation = InlineArray<6, Int>(repeating: -1)
    /// The highest fence with which a partition was begun.
    var begunFence = InlineArray<3, Int32>(repeating: 0)

    /// Fences have been given twice, so that plans cannot be told apart by them.
    var hasFailedOver = false

    mutating func marked(row: Int, order: Int) {
        rowOrder[row] = order
        reopenedAt[row] = order
        generation[row] = -1
    }

    /// The ledger has forgotten; the table and the workers have not.
    mutating func failedOver(to replica: Oracle, _ ledger: borrowing ModelLedger) {
        hasFailedOver = true
        rowOrder = replica.rowOrder
        reopenedAt = replica.reopenedAt
        endedAt = replica.endedAt
        generation = replica.generation
        var row = 0
        while row < 6 {
            let claim = ledger.rows[row].claim
            if claim >= 0 { leaseEnds[claim] = ledger.rows[row].leaseEnds }
            row += 1
        }
    }
}

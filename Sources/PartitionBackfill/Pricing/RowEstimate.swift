internal import Partitions
internal import ProgressStore

/// What the rows of partitions are taken to be whose sources do not tell them.
struct RowEstimate: Sendable {
    /// Rows for each byte of sources.
    private let perByte: Double?

    /// Whether the size of sources says anything of rows.
    var goesBySize = true

    /// Learns from partitions of the plan that were counted, or else from what past attempts have read.
    init(_ counted: [(rows: RowCount, bytes: Int64)], past: [ReadAmount]) {
        perByte =
            RowEstimate.ratio(counted.map { ($0.rows.rows, $0.bytes) })
            ?? RowEstimate.ratio(past.map { ($0.rows, $0.bytes) })
    }

    /// The rows of a partition.
    ///
    /// - Parameters:
    ///   - counted: What its sources tell.
    ///   - bytes: The size of its sources.
    ///   - last: Its last attempt.
    /// - Returns: The rows, and how they are known; nil where they are not.
    func rows(
        counted: RowCount?, bytes: Int64?, last: PastAttempt?
    ) -> (rows: Int64, basis: PartitionPrice.RowsBasis)? {
        if let counted { return (counted.rows, counted.isCounted ? .counted : .estimated) }
        let own = last?.read.flatMap { RowEstimate.ratio([($0.rows, $0.bytes)]) }
        if goesBySize, let bytes, let perByte = own ?? perByte {
            return (Int64(min((Double(bytes) * perByte).rounded(), 9e17)), .estimated)
        }
        return last?.rows.map { ($0, .lastAttempt) }
    }

    private static func ratio(_ amounts: [(rows: Int64, bytes: Int64)]) -> Double? {
        let bytes = amounts.reduce(0) { $0 + Double($1.bytes) }
        return bytes > 0 ? amounts.reduce(0) { $0 + Double($1.rows) } / bytes : nil
    }
}

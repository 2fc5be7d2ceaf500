/// How many rows a batch reads: half as many each time that memory runs out, and twice as many again after a while without.
struct BatchSize: Sendable {
    /// Batches to be finished before larger ones are tried again.
    static let recovery = 4
    /// No batch is made smaller than this, whatever it was to be.
    static let leastRows: Int64 = 1_000
    /// No batch is made smaller than this part of what it was to be.
    static let smallestPart: Int64 = 64

    let asked: Int64
    private(set) var rows: Int64
    private var finished = 0

    /// Begins with what was asked for or, after a crash, with what sufficed before it.
    init(asked: Int64, last: Int64?) {
        self.asked = asked
        rows = min(asked, last ?? asked)
    }

    /// The smallest size that is tried.
    var floor: Int64 { min(asked, max(BatchSize.leastRows, asked / BatchSize.smallestPart)) }

    /// Memory ran out.
    ///
    /// - Returns: Whether a smaller batch is worth a try.
    mutating func memoryRanOut() -> Bool {
        guard rows > floor else { return false }
        rows = max(floor, rows / 2)
        finished = 0
        return true
    }

    /// A batch was finished.
    ///
    /// - Returns: Whether the next ones are larger.
    mutating func batchFinished() -> Bool {
        guard rows < asked else { return false }
        finished += 1
        guard finished >= BatchSize.recovery else { return false }
        finished = 0
        rows = min(asked, rows * 2)
        return true
    }
}

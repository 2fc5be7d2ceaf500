public import Partitions

extension Ledger {
    /// The number of rows that a plan reads at a time.
    private static let planPageSize = 20_000

    /// Streams the rows of a range that exist, by key, in bounded memory.
    ///
    /// A partition without a row, of which another job has a live claim, comes as PENDING and claimed by that job. Rows
    /// are read page by page: a row that changes meanwhile comes as it is when its page is read.
    public func forEachPlanRow(
        job: String, tableIdentity: String?, in range: PartitionRange, _ body: @Sendable (PlanRow) -> Void
    ) async throws {
        guard let first = range.first, let last = range.last else { return }
        var others: [PartitionKey] = []
        if let tableIdentity {
            let statement = OtherClaims(job: job, tableIdentity: tableIdentity, first: first, last: last)
            others = try await work.with { line in try await line.run(statement) }
        }
        var merge = OtherClaimsMerge(others)
        var next = first
        while true {
            let page = PlanRows(
                job: job, first: next, last: last, pageSize: Ledger.planPageSize, tableIdentity: tableIdentity)
            let rows = try await work.with { line in try await line.run(page) }
            for (row, isSameTable) in rows {
                var row = row
                if isSameTable { row.tableIdentity = tableIdentity }
                merge.pass(row, to: body)
            }
            guard rows.count == Ledger.planPageSize, let end = rows.last?.row.key, end < last else { break }
            next = end.next
        }
        merge.finish(body)
    }

    /// The rows of given partitions.
    public func rows(job: String, keys: [PartitionKey]) async throws -> [ProgressRow] {
        guard !keys.isEmpty else { return [] }
        return try await work.with { line in try await line.run(RowsByKey(job: job, keys: keys)) }
    }

    /// The rows of a range with one of the given statuses, newest change first.
    public func rows(
        job: String, in range: PartitionRange?, granularity: Granularity, statuses: [Status], limit: Int
    ) async throws -> [ProgressRow] {
        let statement = RowsByStatus(
            job: job, statuses: statuses, range: range, granularity: granularity, limit: limit)
        return try await work.with { line in try await line.run(statement) }
    }

    /// How many partitions stand where, and how fast attempts were completed within the last ten minutes.
    public func summary(job: String, in range: PartitionRange?) async throws -> StatusSummary {
        let rows = try await work.with { line in try await line.run(SummaryStatement(job: job, range: range)) }
        let counts = Dictionary(rows.map { ($0.status, $0.count) }, uniquingKeysWith: +)
        return StatusSummary(
            counts: counts, completedPerMinute: rows.first { $0.status == .complete }?.completedPerMinute)
    }

    /// Every attempt at a partition, oldest first.
    public func attempts(job: String, key: PartitionKey) async throws -> [AttemptRow] {
        try await work.with { line in try await line.run(Attempts(job: job, key: key)) }
    }
}

extension SummaryStatement.Row {
    /// Completions a minute, from the first of them on; nil where there were none lately.
    fileprivate var completedPerMinute: Double? {
        guard recent > 0, let secondsSinceFirst else { return nil }
        return Double(recent) * 60 / max(secondsSinceFirst, 1)
    }
}

/// Joins what other jobs are working on to the rows of a plan.
///
/// Both come by key.
struct OtherClaimsMerge {
    private var others: ArraySlice<PartitionKey>

    init(_ others: [PartitionKey]) {
        self.others = others[...]
    }

    /// Passes a row on, after the claims of partitions before it.
    mutating func pass(_ row: PlanRow, to body: (PlanRow) -> Void) {
        while let other = others.first, other < row.key {
            body(PlanRow(key: other, status: .pending, isClaimedByOtherJob: true))
            others.removeFirst()
        }
        guard others.first == row.key else {
            body(row)
            return
        }
        others.removeFirst()
        var marked = row
        marked.isClaimedByOtherJob = true
        body(marked)
    }

    /// Passes on the claims after the last row.
    mutating func finish(_ body: (PlanRow) -> Void) {
        for other in others { body(PlanRow(key: other, status: .pending, isClaimedByOtherJob: true)) }
        others = []
    }
}

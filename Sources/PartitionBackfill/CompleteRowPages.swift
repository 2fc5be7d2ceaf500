internal import Partitions
internal import ProgressStore
internal import Transforms

/// The COMPLETE rows of a job in small groups, read page by page.
struct CompleteRowPages {
    private static let pageSize = 2048

    private let job: Job
    private let ledger: Ledger
    private let groupSize: Int
    /// What is still to be read: first and last partition of each range, open where there is none.
    private var ranges: [(first: PartitionKey?, last: PartitionKey?)]
    private var page: ArraySlice<CompleteRow> = []

    init(job: Job, ledger: Ledger, partitions: PartitionSet?, groupSize: Int) {
        self.job = job
        self.ledger = ledger
        self.groupSize = groupSize
        let ranges = partitions.map { $0.ranges.map { (first: $0.first, last: $0.last) } }
        self.ranges = (ranges ?? [(first: nil, last: nil)]).reversed()
    }

    /// The next rows; nil where there are no more.
    mutating func nextGroup() async throws -> [CompleteRow]? {
        while page.isEmpty {
            guard let range = ranges.popLast() else { return nil }
            let rows = try await ledger.completeRows(
                job: job.name, granularity: job.partitioning.every, from: range.first, through: range.last,
                limit: CompleteRowPages.pageSize)
            page = rows[...]
            if rows.count == CompleteRowPages.pageSize, let end = rows.last?.key {
                ranges.append((first: end.next, last: range.last))
            }
        }
        defer { page = page.dropFirst(groupSize) }
        return Array(page.prefix(groupSize))
    }
}

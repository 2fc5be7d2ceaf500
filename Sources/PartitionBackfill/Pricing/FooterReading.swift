internal import BlockingWork
internal import Lakehouse
internal import Partitions

/// Counts the rows of partitions by the footers of their files, of which a plan reads a limited number.
struct FooterReading: Sendable {
    /// Footers that a plan reads.
    static let most = 1024
    /// Footers that are read without coming back from the thread.
    private static let pageSize = 128

    /// What was found.
    struct Answer: Sendable {
        /// The rows of partitions whose sources tell them.
        var rows: [PartitionKey: RowCount] = [:]
        /// Footers that were read.
        var read = 0
        /// Footers that there are.
        var total = 0
        /// Partitions of which a file could not be read.
        var unseen = 0
        /// Why the first of them could not.
        var problem: String?
    }

    /// Counts the rows of files; injected, so that a test sees which are read.
    var count: @Sendable (String) throws -> Int64? = { try FooterRowCount.rows(ofFile: $0) }

    /// Counts the rows of partitions.
    ///
    /// - Parameters:
    ///   - files: Their files.
    ///   - keys: The partitions, in their order.
    /// - Returns: What was found.
    /// - Throws: `CancellationError`.
    func rows(_ files: [PartitionKey: SourceFiles], of keys: [PartitionKey]) async throws -> Answer {
        var answer = Answer()
        // A file that all partitions read is there once.
        var total: Set<String> = []
        for file in files.values {
            answer.total += file.footerCount - file.footers.count
            for footer in file.footers { total.insert(footer.path) }
        }
        answer.total += total.count
        let thread = BlockingThread(label: "reprocess.footers")
        var found: [String: Int64] = [:]
        var unreadable: Set<String> = []
        var rest = Self.chosen(files, of: keys)[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let page = rest.prefix(Self.pageSize)
            for (path, result) in await thread.run({ page.map { path in (path, Result { try count(path) }) } }) {
                switch result {
                case .success(let rows):
                    answer.read += 1
                    found[path] = rows
                case .failure(let error):
                    // An attempt will say so; a forecast does without.
                    unreadable.insert(path)
                    answer.problem = answer.problem ?? String(describing: error)
                }
            }
            rest = rest.dropFirst(Self.pageSize)
        }
        for (key, file) in files {
            answer.rows[key] = file.count(found)
            if !unreadable.isEmpty, file.footers.contains(where: { unreadable.contains($0.path) }) {
                answer.unseen += 1
            }
        }
        return answer
    }

    /// The files whose footers are read: all of them, or those of partitions at equal distances.
    static func chosen(_ files: [PartitionKey: SourceFiles], of keys: [PartitionKey], most: Int = most) -> [String] {
        let wanted = keys.compactMap { files[$0] }.filter { !$0.footers.isEmpty }
        let sum = wanted.reduce(0) { $0 + $1.footers.count }
        // As many partitions as have that many files on average.
        let count = sum <= most ? wanted.count : max(1, most * wanted.count / sum)
        var seen: Set<String> = []
        let paths = EvenSample.offsets(of: wanted.count, most: count).flatMap { wanted[$0].footers.map(\.path) }
        return Array(paths.filter { seen.insert($0).inserted }.prefix(most))
    }
}

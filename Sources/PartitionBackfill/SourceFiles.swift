internal import Lakehouse
internal import Transforms

/// The files that a partition is made of, as far as they tell how many rows are in them.
struct SourceFiles: Sendable, Hashable {
    /// Files of one partition into which a plan looks; of more, as many at equal distances.
    static let most = 64

    /// A Parquet file whose footer tells its rows.
    struct Footer: Sendable, Hashable {
        let path: String
        let bytes: Int64
        /// Rows that are still in the file and do not count.
        var deletedRows: Int64 = 0
    }

    /// The rows that the logs of tables tell.
    private(set) var rows: Int64 = 0
    /// Files of which only the footer tells, at equal distances where they are many.
    private(set) var footers: [Footer] = []
    /// How many such files there are.
    private(set) var footerCount = 0
    /// The size of all of these.
    private(set) var footerBytes: Int64 = 0

    /// Finds out what tells the rows of a partition; nil where nothing tells those of all its sources.
    ///
    /// - Parameters:
    ///   - query: What reads the files.
    ///   - snapshots: The tables among its sources, by the names of these.
    ///   - identity: All of its files.
    ///   - isRead: Whether rows count that are read and belong to other partitions.
    ///   - most: Files that are looked into.
    init?(
        _ query: Query, _ snapshots: [String: TableSnapshot], _ identity: SourceIdentity, asRead isRead: Bool = false,
        most: Int = most
    ) {
        // A text has no number of rows, and what is remote or below a `**` is the engine's to find.
        guard identity.bytes != nil, query.sources.allSatisfy({ [.parquet, .hive, .delta].contains($0.format) }) else {
            return nil
        }
        var all: [Footer] = []
        var ofTables: Set<String> = []
        for source in query.sources where source.format == .delta {
            guard let snapshot = snapshots[source.name], isRead || !snapshot.hasOtherRows else { return nil }
            guard snapshot.namesItsFiles else { return nil }
            for file in snapshot.files where ofTables.insert(file.path).inserted {
                if let rows = file.rows {
                    self.rows += rows
                } else {
                    all.append(Footer(path: file.path, bytes: file.bytes ?? 0, deletedRows: file.deletedRows))
                }
            }
        }
        for file in identity.files where !ofTables.contains(file.path) {
            all.append(Footer(path: file.path, bytes: file.bytes ?? 0))
        }
        footerCount = all.count
        footerBytes = all.reduce(0) { $0 + $1.bytes }
        footers = EvenSample.offsets(of: all.count, most: most).map { all[$0] }
    }

    /// The rows in all files, by the footers of those that were read, which come by their paths; nil where none was and there
    /// are any.
    func count(_ found: [String: Int64]) -> RowCount? {
        var (rows, bytes, read) = (Int64(0), Int64(0), 0)
        for footer in footers {
            guard let all = found[footer.path] else { continue }
            rows += max(0, all - footer.deletedRows)
            bytes += footer.bytes
            read += 1
        }
        if read == footerCount { return RowCount(rows: self.rows + rows, isCounted: true) }
        guard read > 0, bytes > 0 else { return nil }
        let estimate = Double(rows) / Double(bytes) * Double(footerBytes)
        return RowCount(rows: self.rows + Int64(min(estimate.rounded(), 9e17)), isCounted: false)
    }

    /// The rows in all files; nil where any of them does not tell its own.
    ///
    /// This call blocks, for a look at the end of each file whose rows the log of a table does not tell.
    func counted() -> Int64? {
        var found: [String: Int64] = [:]
        for footer in footers {
            // What cannot be opened fails an attempt soon enough, with a better message.
            guard let rows = (try? FooterRowCount.rows(ofFile: footer.path)) ?? nil else { return nil }
            found[footer.path] = rows
        }
        return count(found).flatMap { $0.isCounted ? $0.rows : nil }
    }
}

/// How many rows are in the files that a partition is made of.
struct RowCount: Sendable, Hashable {
    let rows: Int64
    /// Every file tells them; otherwise they are estimated by the size of the others.
    let isCounted: Bool
}

internal import Lakehouse
internal import Transforms

/// How many rows the files have that a partition is made of: all of them, before any filter.
///
/// The footers of Parquet files and the log of a Delta table say it. Text has to be read to be counted, and the engine's own
/// number of rows scanned is an estimate: where there is some, nobody can tell.
struct SourceRows {
    let query: Query
    let tables: [String: TableSnapshot]

    /// Counts the rows of the files that an identity has; nil where that is not certain.
    ///
    /// This call blocks, for a look at the end of each file whose rows the log of a table does not tell.
    func count(of identity: SourceIdentity?) -> Int64? {
        // The same files whose bytes are added up, or none.
        guard let identity, identity.bytes != nil, query.sources.allSatisfy(\.isParquet) else { return nil }
        var told: [String: TableSnapshot.File] = [:]
        for table in tables.values {
            // With other names in the files than in the table, its files are not looked at here.
            if table.files.isEmpty, !table.features.isEmpty { return nil }
            for file in table.files { told[file.path] = file }
        }
        var rows: Int64 = 0
        for file in identity.files {
            guard let more = count(file, told[file.path]) else { return nil }
            rows += more
        }
        return rows
    }

    private func count(_ file: SourceFile, _ told: TableSnapshot.File?) -> Int64? {
        if let rows = told?.rows { return rows }
        // Of a file from which rows were deleted the footer tells too many.
        guard told?.deletionVector == nil else { return nil }
        // What cannot be opened fails the attempt soon enough, with a better message.
        return (try? FooterRowCount.rows(ofFile: file.path)) ?? nil
    }
}

extension Source {
    fileprivate var isParquet: Bool {
        switch format {
        case .parquet, .hive, .delta: true
        case .csv, .json: false
        }
    }
}

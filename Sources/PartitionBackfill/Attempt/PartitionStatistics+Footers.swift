internal import Lakehouse
internal import Transforms

extension PartitionStatistics {
    /// What the footers of files tell of rows, without reading any: no digest, no sums, no numbers of different values.
    ///
    /// Nil where that is not the truth about the rows, as where some of them are deleted, or a footer is not understood.
    /// This call blocks.
    init?(footersOf rows: PartitionRows, partitionColumn: String) throws {
        let isOther = { (name: String) in name.lowercased() != partitionColumn.lowercased() }
        switch rows {
        case .files(let files):
            guard !files.isEmpty, let summary = try FooterSummary(ofFiles: files) else { return nil }
            self.init(
                rows: summary.rows, digest: nil,
                columns: summary.columns.filter { isOther($0.name) }.map { Column($0, type: $0.type ?? "") })
        case .table(let snapshot):
            guard snapshot.features.isEmpty, snapshot.filterColumn == nil, !snapshot.files.isEmpty else { return nil }
            guard let summary = try FooterSummary(ofFiles: snapshot.files.map(\.path)) else { return nil }
            let known = Dictionary(
                summary.columns.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
            self.init(
                rows: summary.rows, digest: nil,
                columns: snapshot.columns.filter { isOther($0.name) }.map { column in
                    if let index = column.valueIndex {
                        return Column(column, values: zip(snapshot.files.map { $0.values[index] }, summary.fileRows))
                    }
                    guard let told = known[column.name.lowercased()] else {
                        // No file has the column: it is null in each of their rows.
                        return Column(name: column.name, type: column.type, nulls: summary.rows)
                    }
                    return Column(told, named: column.name, type: column.type)
                })
        }
    }
}

extension PartitionStatistics.Column {
    /// A column of files; its extremes only where the files have it in the type that is said.
    fileprivate init(_ told: FooterSummary.Column, named name: String? = nil, type: String) {
        let isOfType = told.type == type
        self.init(
            name: name ?? told.name, type: type, nulls: told.nulls, min: isOfType ? told.minimum : nil,
            max: isOfType ? told.maximum : nil)
    }

    /// A column of which each file has one value.
    fileprivate init(_ column: TableSnapshot.Column, values: Zip2Sequence<[String?], [Int64]>) {
        let texts = values.filter { $1 > 0 }.compactMap(\.0)
        // Of other types the log has another spelling, or another order.
        let isKnown = column.type == "VARCHAR" || column.type == "DATE"
        let isLess = { (left: String, right: String) in left.utf8.lexicographicallyPrecedes(right.utf8) }
        self.init(
            name: column.name, type: column.type,
            nulls: values.reduce(0) { $0 + ($1.0 == nil ? $1.1 : 0) }, min: isKnown ? texts.min(by: isLess) : nil,
            max: isKnown ? texts.max(by: isLess) : nil)
    }
}

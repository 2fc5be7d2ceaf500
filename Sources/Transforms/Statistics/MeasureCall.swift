internal import DuckDBEngine

/// Which columns of a result are measured as they are, and which are cast before.
struct MeasuredLayout: Sendable, Hashable {
    let casts: [RowMeasurement.Cast]
    /// Whether there are columns that are not cast: DuckDB knows no empty list of columns.
    let hasOthers: Bool

    init(columns: [Column]) {
        casts = columns.compactMap { column in
            column.type.measuredAs.map { RowMeasurement.Cast(name: column.name, type: $0) }
        }
        hasOthers = casts.count < columns.count
    }
}

/// The measurement of one statement, and how the statement calls for it.
struct MeasureCall {
    /// What the rows are named in the statement.
    static let row = "reprocess_row"

    let measurement: RowMeasurement
    private let layout: MeasuredLayout

    init(excluding column: String, layout: MeasuredLayout) {
        self.layout = layout
        measurement = RowMeasurement(excluding: column, casts: layout.casts)
    }

    /// The call, which is true for every row of a relation that is named `row`.
    ///
    /// Its first argument is never computed: its type tells the function the names of the columns.
    var text: String {
        var arguments = ["CASE WHEN false THEN [{\(SQLLiteral.text(measurement.token)): \(MeasureCall.row)}] END"]
        let excluded = layout.casts.map { SQLLiteral.name($0.name) }.joined(separator: ", ")
        if layout.hasOthers {
            arguments.append(excluded.isEmpty ? "*COLUMNS(*)" : "*COLUMNS(* EXCLUDE (\(excluded)))")
        }
        arguments += layout.casts.map { "CAST(\(SQLLiteral.name($0.name)) AS \($0.type))" }
        return "reprocess_measure(\(arguments.joined(separator: ", ")))"
    }
}

extension PartitionStatistics {
    init(_ measured: MeasuredRows) {
        self.init(
            rows: measured.rows, digest: measured.digest,
            columns: measured.columns.map { column in
                Column(
                    name: column.name, type: column.type, nulls: column.nulls, distinct: column.distinct,
                    min: column.least, max: column.greatest, sum: column.sum)
            })
    }
}

internal import CDuckDB
internal import CMeasure

/// A call of the measuring function, bound to the columns of a result.
final class MeasurementBinding: @unchecked Sendable {
    /// A column of the result.
    struct Column: Sendable, Hashable {
        let name: String
        let type: String
        let form: MeasuredForm
        /// Where it stands among the arguments.
        let argument: Int
    }

    private let columns: [Column]
    private let hasExcludedColumn: Bool
    // The C code locks by itself; it is shared with DuckDB's plan, which counts its references.
    private let pointer: OpaquePointer

    init(columns: [Column], hasExcludedColumn: Bool) throws(DuckDBError) {
        self.columns = columns
        self.hasExcludedColumn = hasExcludedColumn
        let measured = columns.map { reprocess_measured_column(argument: $0.argument, layout: $0.form.layout) }
        guard let pointer = reprocess_measurement_create(measured, measured.count) else {
            throw DuckDBError(.outOfMemory, "There is no memory left to measure the rows.")
        }
        self.pointer = pointer
    }

    deinit { reprocess_measurement_release(pointer) }

    func bind(_ info: duckdb_bind_info) { reprocess_measurement_bind(info, pointer) }

    /// Puts together what was measured; the statement has ended.
    func finish() -> MeasuredRows {
        reprocess_measurement_finish(pointer)
        let facts = columns.indices.map { reprocess_measurement_facts(pointer, $0) }
        return MeasuredRows(
            rows: reprocess_measurement_rows(pointer), digest: digest,
            columns: zip(columns, facts).map { $0.described(by: $1) }, hasExcludedColumn: hasExcludedColumn)
    }

    /// The scheme's version, the digest of names and types, and that of the rows.
    private var digest: String {
        var (low, high): (UInt64, UInt64) = (0, 0)
        reprocess_measurement_digest(pointer, &low, &high)
        let schema = columns.map { "\($0.name.utf8.count):\($0.name) \($0.type)" }.joined(separator: "\n")
        let bytes = Array(schema.utf8)
        return "1:" + [reprocess_text_hash(bytes, bytes.count), high, low].map(MeasurementBinding.digits).joined()
    }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension MeasurementBinding.Column {
    fileprivate func described(by facts: reprocess_column_facts) -> MeasuredRows.Column {
        let bounds = facts.has_values ? bounds(facts) : nil
        return MeasuredRows.Column(
            name: name, type: type, nulls: facts.nulls, distinct: Int64(facts.distinct.rounded()),
            least: bounds?.least, greatest: bounds?.greatest, sum: facts.has_values ? sum(facts) : nil)
    }

    private func bounds(_ facts: reprocess_column_facts) -> (least: String, greatest: String)? {
        switch form.kind {
        case .opaque: return nil
        case .double:
            return (MeasuredText.double(facts.least_double), MeasuredText.double(facts.greatest_double))
        case .float:
            return (MeasuredText.float(Float(facts.least_double)), MeasuredText.float(Float(facts.greatest_double)))
        case .text:
            return (
                MeasuredText.text(UnsafeBufferPointer(start: facts.least_text, count: facts.least_length)),
                MeasuredText.text(UnsafeBufferPointer(start: facts.greatest_text, count: facts.greatest_length))
            )
        default:
            let least = Int128(facts.least_high) << 64 | Int128(facts.least_low)
            let greatest = Int128(facts.greatest_high) << 64 | Int128(facts.greatest_low)
            return (text(least), text(greatest))
        }
    }

    /// A value that lies in memory as an integer.
    private func text(_ value: Int128) -> String {
        switch form.kind {
        case .boolean: value == 0 ? "false" : "true"
        case .decimal(let scale): MeasuredText.decimal(value, scale: scale)
        case .date: MeasuredText.date(Int64(truncatingIfNeeded: value))
        case .time: MeasuredText.time(Int64(truncatingIfNeeded: value))
        case .timestamp(let units, let suffix):
            MeasuredText.timestamp(Int64(truncatingIfNeeded: value), unitsPerSecond: units, suffix: suffix)
        default: String(value)
        }
    }

    private func sum(_ facts: reprocess_column_facts) -> String? {
        switch form.kind {
        case .double, .float: return MeasuredText.double(facts.sum_double)
        case .integer, .decimal:
            guard !facts.sum_overflows else { return nil }
            return text(Int128(facts.sum_high) << 64 | Int128(facts.sum_low))
        default: return nil
        }
    }
}

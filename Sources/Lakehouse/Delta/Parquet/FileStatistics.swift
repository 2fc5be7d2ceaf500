/// The statistics of a data file, as a Delta log has them ("Per-file Statistics").
///
/// Readers skip files by them, so they must be certain. And they must be complete: at least one reader (`deltalake` 1.6.6, as a
/// dataset of Arrow) takes the missing extremes of one column for a comparison with null, and silently finds no rows by it.
/// So where one column's extremes are not certain, the file has its number of rows alone, which every reader understands.
struct FileStatistics: Hashable {
    /// The text that goes into the `add`.
    let json: String

    /// Makes the statistics of a file.
    init(_ footer: ParquetFooter) {
        var minimums: [(String, String)] = []
        var maximums: [(String, String)] = []
        var nulls: [(String, String)] = []
        for field in footer.schema.fields where footer.rows > 0 {
            // What is within structs, lists and maps is left out by other writers as well.
            guard case .primitive(let type) = field.type else { continue }
            guard let column = ColumnStatistics(field.name, type, footer) else {
                json = "{\"numRecords\":\(footer.rows)}"
                return
            }
            nulls.append((field.name, String(column.nulls)))
            guard let extremes = column.extremes else { continue }
            minimums.append((field.name, extremes.minimum))
            maximums.append((field.name, extremes.maximum))
        }
        json =
            "{\"numRecords\":\(footer.rows),\"minValues\":\(FileStatistics.object(minimums)),"
            + "\"maxValues\":\(FileStatistics.object(maximums)),\"nullCount\":\(FileStatistics.object(nulls))}"
    }

    private static func object(_ pairs: [(String, String)]) -> String {
        "{" + pairs.map { JSONText.quoted($0) + ":" + $1 }.joined(separator: ",") + "}"
    }
}

/// What is certain of one column of a file.
struct ColumnStatistics: Hashable {
    let nulls: Int64
    /// The extremes; nil where all is null.
    let extremes: ColumnExtremes?

    /// Puts the row groups of a file together; nil where something is not certain.
    init?(_ name: String, _ type: String, _ footer: ParquetFooter) {
        // The path of a nested column is joined by this: such a name could be one of those.
        guard !name.contains(", ") else { return nil }
        let chunks = footer.chunks.filter { $0.column == name }
        let counts = chunks.compactMap(\.nulls)
        guard !chunks.isEmpty, counts.count == chunks.count else { return nil }
        nulls = counts.reduce(0, +)
        if nulls == footer.rows {
            extremes = nil
            return
        }
        // A row group of nothing but nulls has no extremes; any other one must say them.
        let known = chunks.filter { $0.minimum != nil && $0.maximum != nil && $0.isExact }
        let silent = chunks.filter { $0.minimum == nil && $0.maximum == nil && $0.nulls == $0.values }
        // Most writers leave NaN out of a row group's extremes; DuckDB then gives none.
        let mayHideNaN = (type == "float" || type == "double") && !footer.isByDuckDB
        guard known.count + silent.count == chunks.count, !mayHideNaN,
            let extremes = ColumnExtremes(chunks: known, type: type)
        else { return nil }
        self.extremes = extremes
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, for times before 1970.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension CivilInstant {
    /// A time in ISO 8601 with milliseconds.
    static func text(milliseconds: Int64, isUTC: Bool) -> String {
        let day = milliseconds.flooredDivision(by: 86_400_000)
        let rest = milliseconds - day * 86_400_000
        let seconds = rest / 1000
        let fields = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        let date = PartitionKeyText.day(Int(day))
        return "\(date)T\(fields.joined(separator: ":")).\(padded(rest % 1000, 3))\(isUTC ? "Z" : "")"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

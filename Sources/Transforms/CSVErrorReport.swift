/// What DuckDB says about a broken line of a CSV file, told again without the line.
///
/// DuckDB 1.5 writes (`src/execution/operator/csv_scanner/util/csv_error.cpp`): the number of the line, the line itself,
/// what is wrong with it, advice, and one setting of the reader on each of the last lines.
struct CSVErrorReport {
    /// The report without row data.
    let message: String

    init?(_ original: String) {
        guard let line = CSVErrorReport.value(after: "CSV Error on Line: ", in: original[...]) else { return nil }
        // The broken line may hold anything, line breaks and these very words included: what follows it comes last.
        let settings = original.ranges(of: "\n  file = ").last.map { original[$0.lowerBound...] } ?? ""
        let file = CSVErrorReport.value(after: "\n  file = ", in: settings).map { "'\($0)'" } ?? "a CSV file"
        message =
            "Line \(line) of \(file) cannot be read: \(CSVErrorReport.reason(original)) The line is not shown here, "
            + "because it is data. See the source's options (ignore_errors, null_padding, strict_mode, types)."
    }

    private static func reason(_ original: String) -> String {
        if let counts = original.ranges(of: "\nExpected Number of Columns: ").last {
            let numbers = original[counts.upperBound...].prefix { !$0.isNewline }
                .split(whereSeparator: { !$0.isNumber })
            if numbers.count == 2 { return "expected \(numbers[0]) columns, found \(numbers[1])." }
        }
        if let conversion = original.ranges(of: "\nColumn ").last,
            let sentence = original[conversion.upperBound...].split(separator: "\n").first,
            let words = sentence.firstRange(of: " is being converted as type ")
        {
            return "a value of column '\(sentence[..<words.lowerBound])' is no \(sentence[words.upperBound...])."
        }
        if original.contains("unterminated quote") { return "a quoted value has no closing quote." }
        if original.contains("unicode") || original.contains("utf-8") { return "it is not valid UTF-8." }
        if original.contains("Maximum line size") { return "it is longer than the option max_line_size allows." }
        return "it does not have the form that the reader's options describe."
    }

    private static func value(after label: String, in text: Substring) -> Substring? {
        guard let range = text.firstRange(of: label) else { return nil }
        return text[range.upperBound...].prefix { !$0.isNewline }
    }
}

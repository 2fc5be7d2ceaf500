extension PartitionKey {
    /// Parses a key in its canonical form.
    ///
    /// - Parameters:
    ///   - text: The key, such as `2024-01-31`.
    ///   - granularity: The granularity of the job whose partition is meant.
    /// - Throws: `PartitionError` that names the offending text and, where one can be guessed, the spelling meant.
    public init(parsing text: String, as granularity: Granularity) throws(PartitionError) {
        guard let fields = KeyFields(text) else {
            throw .malformedKey(
                text, granularity: granularity, suggestion: KeyFields.suggestion(for: text, granularity))
        }
        guard fields.granularity == granularity else {
            throw .wrongGranularity(text, found: fields.granularity, expected: granularity)
        }
        guard let date = CivilDate(year: fields.year, month: fields.month, day: fields.day ?? 1) else {
            throw .noSuchDate(text)
        }
        let hour = fields.hour ?? 0
        guard (0...23).contains(hour) else { throw .noSuchHour(text) }
        self.init(granularity: granularity, containing: date, hour: hour)
    }
}

/// The numbers of a key that has the right shape, whether or not the calendar knows such a date.
private struct KeyFields {
    let year: Int
    let month: Int
    let day: Int?
    let hour: Int?

    var granularity: Granularity { hour != nil ? .hour : day != nil ? .day : .month }

    init?(_ text: String) {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        let parts = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            let year = KeyFields.number(parts[0], digits: 4), let month = KeyFields.number(parts[1], digits: 2)
        else { return nil }
        self.year = year
        self.month = month
        if parts.count == 3 {
            guard let day = KeyFields.number(parts[2], digits: 2) else { return nil }
            self.day = day
        } else {
            day = nil
        }
        if halves.count == 2 {
            guard parts.count == 3, let hour = KeyFields.number(halves[1], digits: 2) else { return nil }
            self.hour = hour
        } else {
            hour = nil
        }
    }

    /// Guesses what `2024-6-1` or `2024/06/01` was meant to be.
    static func suggestion(for text: String, _ granularity: Granularity) -> String? {
        let numbers = text.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).map(String.init)
        let wanted = granularity == .month ? 2 : granularity == .day ? 3 : 4
        guard numbers.count == wanted, numbers[0].count == 4, numbers.dropFirst().allSatisfy({ $0.count <= 2 }) else {
            return nil
        }
        let padded = numbers.map { $0.count == 1 ? "0" + $0 : $0 }
        let candidate = padded.prefix(3).joined(separator: "-") + (wanted == 4 ? "T" + padded[3] : "")
        return (try? PartitionKey(parsing: candidate, as: granularity))?.description
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}

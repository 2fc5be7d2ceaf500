/// The properties of a table that say how long its past is kept, and how often a checkpoint is made.
struct DeltaProperties: Hashable {
    private let metadata: DeltaMetadata

    init(_ metadata: DeltaMetadata) {
        self.metadata = metadata
    }

    /// After how many versions the table asks for a checkpoint; nil where it says nothing that could be meant.
    var checkpointInterval: Int64? {
        metadata.property("delta.checkpointInterval").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether checkpoints are to have statistics as JSON.
    var writesStatisticsAsJSON: Bool {
        metadata.property("delta.checkpoint.writeStatsAsJson")?.lowercased() != "false"
    }

    /// Whether checkpoints are to have statistics in their own types.
    var writesStatisticsAsStruct: Bool {
        metadata.property("delta.checkpoint.writeStatsAsStruct")?.lowercased() == "true"
    }

    /// How long a file that was removed is kept, in milliseconds; nil where that cannot be told.
    var deletedFileRetention: Int64? { duration("delta.deletedFileRetentionDuration", default: 7) }

    /// How long entries are kept, in milliseconds; nil where that cannot be told.
    var logRetention: Int64? { duration("delta.logRetentionDuration", default: 30) }

    /// Whether entries may be removed at all.
    var removesExpiredLog: Bool { metadata.property("delta.enableExpiredLogCleanup")?.lowercased() != "false" }

    /// How long what applications count is kept, in milliseconds; nil for ever.
    var transactionRetention: Int64? {
        metadata.property("delta.setTransactionRetentionDuration").flatMap(IntervalText.milliseconds)
    }

    private func duration(_ name: String, default days: Int64) -> Int64? {
        guard let text = metadata.property(name) else { return days * 86_400_000 }
        return IntervalText.milliseconds(text)
    }
}

/// Reads intervals as table properties spell them: `interval 1 week`, `7 days 12 hours`.
enum IntervalText {
    /// The interval in milliseconds; nil where the text is none, or has months, which are of no certain length.
    static func milliseconds(_ text: String) -> Int64? {
        var words = text.lowercased().split(whereSeparator: \.isWhitespace)[...]
        if words.first == "interval" { words = words.dropFirst() }
        guard !words.isEmpty, words.count.isMultiple(of: 2) else { return nil }
        var sum: Int64 = 0
        while let number = words.popFirst(), let unit = words.popFirst() {
            guard let count = Int64(number), count >= 0, let length = length(of: unit) else { return nil }
            let (product, tooLong) = count.multipliedReportingOverflow(by: length)
            let (total, overflow) = sum.addingReportingOverflow(product)
            guard !tooLong, !overflow else { return nil }
            sum = total
        }
        return sum / 1000
    }

    /// The length of a unit in microseconds.
    private static func length(of unit: Substring) -> Int64? {
        switch unit.hasSuffix("s") ? unit.dropLast() : unit {
        case "week": 7 * 86_400_000_000
        case "day": 86_400_000_000
        case "hour": 3_600_000_000
        case "minute": 60_000_000
        case "second": 1_000_000
        case "millisecond": 1000
        case "microsecond": 1
        default: nil
        }
    }
}

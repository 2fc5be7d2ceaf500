internal import PartitionBackfill
internal import Transforms

/// How many rows and bytes there were and are, in one phrase.
enum SizeText {
    /// `612 → 540 rows, -72 (-11.8%); 23.4 KB → 20.1 KB`, or `540 rows, 20.1 KB` where there was nothing.
    static func describe(old: PartitionSummary?, new: PartitionSummary?) -> String {
        let phrases = [rows(old?.knownRows, new?.knownRows), bytes(old?.bytes, new?.bytes)].filter { !$0.isEmpty }
        return phrases.isEmpty ? "the number of rows is not known" : phrases.joined(separator: old == nil ? ", " : "; ")
    }

    /// `612 → 540 rows (-11.8%)`, `540 rows`, and `612 rows` where there were as many before.
    static func rowsInShort(old: PartitionSummary?, new: PartitionSummary?) -> String {
        guard let after = new?.knownRows else { return "" }
        guard let before = old?.knownRows, before != after else { return counted(after) }
        let percentage = Quantity.percentage(from: Quantity(before), to: Quantity(after))
        let part = percentage.isEmpty ? "" : " (\(percentage))"
        return "\(NumberText.grouped(before)) → \(counted(after))\(part)"
    }

    private static func rows(_ old: Int64?, _ new: Int64?) -> String {
        guard let new else { return old.map { "\(counted($0)) before" } ?? "" }
        guard let old else { return counted(new) }
        guard old != new else { return "\(counted(new)) as before" }
        return
            "\(NumberText.grouped(old)) → \(counted(new)), \(Quantity.change(from: Quantity(old), to: Quantity(new)))"
    }

    private static func bytes(_ old: Int64?, _ new: Int64?) -> String {
        guard let new else { return "" }
        let (before, after) = (old.map(ByteCountText.describe), ByteCountText.describe(new))
        guard let before, before != after else { return after }
        return "\(before) → \(after)"
    }

    private static func counted(_ rows: Int64) -> String { "\(NumberText.grouped(rows)) row\(rows == 1 ? "" : "s")" }
}

extension PartitionSummary {
    /// Its rows: of what was not published they were measured, and not recorded as written.
    var knownRows: Int64? { rows ?? statistics?.rows }
}

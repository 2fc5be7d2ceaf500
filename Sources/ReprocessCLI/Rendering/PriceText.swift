internal import PartitionBackfill
internal import Partitions

/// What a plan will probably cost, for people.
struct PriceText {
    let price: PlanPrice
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    /// The sizes, the time, the ends, and the heaviest partitions, as far as they are known.
    var text: String { ([sizes, time] + ends + heaviest + notes).compactMap { $0 }.map { $0 + "\n" }.joined() }

    /// Why a run ended at a limit of bytes, and what would be next.
    static func sentence(for end: ByteLimit) -> String {
        let (limit, next) = (ByteCountText.describe(end.limit), ByteCountText.describe(end.nextBytes))
        guard end.started > 0 else {
            return
                "--max-bytes is \(limit), but \(end.next), the first partition, has sources of \(next). Give more, or "
                + "leave it out with --exclude \(end.next)."
        }
        return "Ended at --max-bytes \(limit): what was started has sources of \(ByteCountText.describe(end.started)), "
            + "and \(end.next), the next one, of \(next)."
    }

    private var sizes: String? {
        let parts = [
            price.bytes.map { "\(ByteCountText.describe($0.sum)) of source files" + known($0) },
            price.rows.map { rows($0.sum) + known($0) },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : "Cost: " + parts.joined(separator: ", ") + "."
    }

    /// What is read, or else what was written, and how it is known.
    private func rows(_ sum: Int64) -> String {
        let number = NumberText.grouped(sum)
        switch price.rowsBasis {
        case .counted: return "\(number) rows in them, counted"
        case .estimated: return "about \(number) rows in them, estimated"
        case .lastAttempt, nil: return "\(number) rows by what they had the last time"
        }
    }

    /// Of how many it is known, where not of all.
    private func known(_ total: PlanPrice.Total) -> String {
        total.known == price.lookedAt ? "" : " (known of \(NumberText.grouped(total.known)))"
    }

    private var time: String? {
        guard let work = price.work else {
            return "Time: unknown yet, since no attempt at this job has come to a result."
        }
        return "Time: \(DurationText.describe(seconds: work.seconds)) of work for one worker, from "
            + "\(NumberText.counted(work.attempts, "earlier attempt"))."
    }

    private var ends: [String] {
        let shown = price.finish.map { end in
            let text = "\(NumberText.counted(end.workers, "worker")) \(DurationText.describe(seconds: end.seconds))"
            return end.workers == price.workers ? style.bold(text) : text
        }
        return shown.isEmpty ? [] : ["Done with: " + shown.joined(separator: ", ") + "."]
    }

    private var heaviest: [String] {
        guard price.partitions > 1, !price.heaviest.isEmpty else { return [] }
        let table = TextTable(
            columns: [
                .init(title: "partition"), .init(title: "time", alignment: .right),
                .init(title: "source", alignment: .right), .init(title: "rows", alignment: .right),
            ],
            rows: price.heaviest.map { entry in
                [
                    entry.key.description, entry.price.seconds.map(DurationText.describe(seconds:)) ?? "?",
                    entry.price.bytes.map(ByteCountText.describe) ?? "?",
                    entry.price.rows.map { (entry.price.rowsBasis == .estimated ? "~" : "") + NumberText.grouped($0) }
                        ?? "?",
                ]
            }, width: 80, style: style)
        return ["Heaviest:"] + table.lines
    }

    private var notes: [String] {
        var notes: [String] = []
        if price.lookedAt < price.partitions {
            notes.append(
                "\(NumberText.grouped(price.lookedAt)) of \(NumberText.counted(price.partitions, "partition")) were looked "
                    + "at, at equal distances; the rest is extrapolated.")
        }
        if price.footersRead < price.footers {
            notes.append(
                "\(NumberText.grouped(price.footersRead)) of \(NumberText.counted(price.footers, "Parquet file")) were "
                    + "looked into for their rows; those of the others are estimated by their size.")
        }
        if let problem = price.problem {
            notes.append(
                style.yellow(
                    "The sources of \(NumberText.counted(price.unseen, "partition")) cannot be looked at: "
                        + paths.shortened(problem.firstLine)))
        }
        return notes
    }
}

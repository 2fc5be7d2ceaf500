internal import PartitionBackfill
internal import Partitions

/// What a verification found, for people.
struct VerifyText {
    private static let kindWidth = 22

    let job: String
    var style = Style.plain
    /// How paths are shown in reasons.
    var paths = MessagePaths.unchanged

    /// A line for each difference; nothing where there is none.
    func lines(for finding: VerificationFinding) -> [String] {
        guard case .differs(let key, let differences, let isReopened) = finding else { return [] }
        return differences.map { difference in
            let kind = style.red(difference.kind.padded(to: Self.kindWidth))
            let detail = paths.shortened(DifferenceText.detail(of: difference))
            return "\(key)  \(kind)  \(detail)\(isReopened ? style.yellow("  reopened") : "")\n"
        }
    }

    /// How many agree and how many do not, and what else there is to know.
    func summary(_ report: VerificationReport) -> String {
        guard report.checked > 0 else { return "\(style.bold(job)): no partition is COMPLETE there.\n" }
        let checked = NumberText.counted(report.checked, "COMPLETE partition")
        var lines = ["\(style.bold(job)): \(checked) looked at, \(verdict(report))"]
        if report.rearranged > 0 {
            lines.append(
                "  \(NumberText.grouped(report.rearranged)) as recorded in other files: another program has rearranged them."
            )
        }
        if report.recordedByHand > 0 {
            lines.append(
                "  \(NumberText.grouped(report.recordedByHand)) recorded by hand: they are there, and there is no more to compare."
            )
        }
        for (other, count) in report.superseded.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "  \(NumberText.grouped(count)) replaced since by the job '\(other)': verify that one to have its files compared."
            )
        }
        if report.changedMeanwhile > 0 {
            lines.append(
                "  \(NumberText.grouped(report.changedMeanwhile)) changed meanwhile, by a run or by hand: not judged.")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func verdict(_ report: VerificationReport) -> String {
        guard report.differing > 0 else {
            return style.green("no difference") + " between ledger and table."
        }
        let differ = style.red(NumberText.counted(report.differing, "partition") + " not as recorded")
        return "\(NumberText.grouped(report.agreeing)) as recorded, \(differ)."
    }
}

/// What a verification found, for programs.
enum VerifyJSON {
    static func lines(for finding: VerificationFinding) -> [String] {
        guard case .differs(let key, let differences, let isReopened) = finding else { return [] }
        return differences.map { difference in
            JSONValue.object([
                "event": .text("difference"), "partition": .text(key.description), "kind": .text(difference.kind),
                "detail": .text(DifferenceText.detail(of: difference)), "reopened": .bool(isReopened),
            ]).text + "\n"
        }
    }

    /// The last line.
    static func line(for report: VerificationReport, job: String) -> String {
        JSONValue.object([
            "event": .text("finished"), "job": .text(job), "checked": .integer(report.checked),
            "agreeing": .integer(report.agreeing), "differing": .integer(report.differing),
            "reopened": .integer(report.reopened), "recorded_by_hand": .integer(report.recordedByHand),
            "superseded": .object(report.superseded.mapValues { .integer($0) }),
            "changed_meanwhile": .integer(report.changedMeanwhile), "rearranged": .integer(report.rearranged),
        ]).text + "\n"
    }
}

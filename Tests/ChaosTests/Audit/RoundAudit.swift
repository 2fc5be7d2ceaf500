/// Judges a finished round: every partition COMPLETE, published exactly once, and as the ledger says.
struct RoundAudit {
    /// What every day has.
    let days: [String: ChaosProject.Day]
    /// The last fence of the round before.
    let floor: Int
    /// Whose files were visible at the end of the round before; none in the first round.
    let before: [String: AttemptName]
    let ledger: LedgerFacts
    let table: TableFacts

    /// Everything that is wrong, a sentence each.
    func violations() -> [String] {
        var found = table.strange.map { "There is something strange in the table: \($0)." }
        let rows = Dictionary(grouping: ledger.rows, by: \.key)
        let attempts = Dictionary(grouping: ledger.attempts, by: \.key)
        found += Set(rows.keys).union(table.visible.keys).subtracting(days.keys).map { "\($0) is no day of the job." }
        let versions = Set(ledger.rows.map { $0.transformVersion ?? "none" })
        if versions.count != 1 { found.append("The partitions are of several versions: \(versions.sorted()).") }
        found += ledger.attempts.filter { !Self.harmlessOutcomes.contains($0.outcome) }
            .map { "\($0.key): attempt \($0.name) has ended as \($0.outcome)." }
        found += ledger.batched.sorted().map { "\($0): the ledger has finished batches of what is published." }
        for (key, day) in days.sorted(by: { $0.key < $1.key }) {
            found += judge(key, day, rows[key] ?? [], attempts[key] ?? []).map { "\(key): \($0)" }
        }
        return found
    }

    /// Whose files are visible at the end of the round.
    var publishers: [String: AttemptName] { table.visible.compactMapValues(\.first) }

    private static let successes: Set = ["COMPLETE", "ADOPTED"]
    /// An attempt may be lost, given back or repeated; it may not still run, nor have given up.
    private static let harmlessOutcomes = successes.union(["LOST", "RELEASED", "RETRY"])

    private func judge(
        _ key: String, _ day: ChaosProject.Day, _ rows: [LedgerFacts.Row], _ attempts: [LedgerFacts.Attempt]
    ) -> [String] {
        guard let row = rows.first, rows.count == 1 else { return ["the ledger has \(rows.count) rows."] }
        guard let visible = table.visible[key], let publisher = visible.first, visible.count == 1 else {
            return ["the files of \(table.visible[key]?.count ?? 0) attempts are visible, instead of one."]
        }
        return judge(row, day, publisher) + judge(attempts, row, publisher) + judgePublishes(of: key, publisher)
    }

    private func judge(
        _ row: LedgerFacts.Row, _ day: ChaosProject.Day, _ publisher: AttemptName
    ) -> [String] {
        var found: [String] = []
        if row.status != "COMPLETE" { found.append("the ledger says \(row.status).") }
        if row.rows != day.rows { found.append("the ledger says \(row.rows ?? -1) rows; there are \(day.rows).") }
        if row.tableVersion != publisher.description {
            found.append("the ledger says \(row.tableVersion ?? "nothing"); the files are those of \(publisher).")
        }
        return found
    }

    private func judge(
        _ attempts: [LedgerFacts.Attempt], _ row: LedgerFacts.Row, _ publisher: AttemptName
    ) -> [String] {
        let successes = attempts.filter { Self.successes.contains($0.outcome) }
        guard let success = successes.first, successes.count == 1 else {
            return ["\(successes.count) attempts have succeeded, instead of one."]
        }
        var found: [String] = []
        if success.name.fence != row.fence {
            found.append("attempt \(success.name) succeeded, and the row has fence \(row.fence).")
        }
        guard let author = attempts.first(where: { $0.name == publisher }) else {
            return found + ["the visible files are those of \(publisher), which is no attempt of this round."]
        }
        if success.outcome == "COMPLETE", author.name != success.name {
            found.append("\(success.name) is COMPLETE, and the files are those of \(publisher).")
        }
        if success.outcome == "ADOPTED", author.name.fence >= success.name.fence {
            found.append("\(success.name) has adopted \(publisher), which is not older.")
        }
        return found
    }

    /// A publish leaves its record, and what it replaced.
    private func judgePublishes(of key: String, _ publisher: AttemptName) -> [String] {
        var found: [String] = []
        let published = (table.published[key] ?? []).filter { $0.fence > floor }
        if published != [publisher] {
            found.append("published by \(Self.list(published)), and visible is \(publisher).")
        }
        let replaced = (table.replaced[key] ?? [:]).filter { $0.key.fence > floor }
        guard let before = before[key] else {
            return replaced.isEmpty ? found : found + ["replaced by \(Self.list(replaced.keys)) when it was new."]
        }
        if replaced != [publisher: [before]] {
            let list = replaced.map { "\(Self.list($0.value)) by \($0.key)" }.sorted().joined(separator: ", ")
            found.append("replaced were \(list), instead of \(before) by \(publisher).")
        }
        if publisher.fence <= before.fence { found.append("\(publisher) has followed \(before).") }
        return found
    }

    private static func list(_ names: some Sequence<AttemptName>) -> String {
        "[" + names.map(\.description).sorted().joined(separator: ", ") + "]"
    }
}

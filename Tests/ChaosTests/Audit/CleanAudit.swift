/// Judges a cleaning that kept no replaced generation: what must stay has stayed, and nothing else.
struct CleanAudit {
    let before: TableFacts
    let after: TableFacts

    /// Everything that is wrong, a sentence each.
    func violations() -> [String] {
        var found = after.strange.map { "There is something strange in the table: \($0)." }
        if after.visible != before.visible { found.append("The table itself was changed.") }
        found += after.replaced.filter { !$0.value.isEmpty }.keys.sorted().map {
            "\($0): a replaced generation is left."
        }
        found += after.batches.map { "\($0): finished batches are left." }
        found += after.staged.map { "\($0) was staged, and is left." }
        for (key, visible) in before.visible.sorted(by: { $0.key < $1.key }) {
            found += judge(key, visible).map { "\(key): \($0)" }
        }
        return found
    }

    private func judge(_ key: String, _ visible: Set<AttemptName>) -> [String] {
        var found: [String] = []
        let names = after.fences[key] ?? []
        let floor = visible.union(before.fences[key] ?? []).map(\.fence).max() ?? 0
        if visible.union(names).map(\.fence).max() != floor { found.append("the floor was \(floor), and has sunk.") }
        if !visible.isSubset(of: after.published[key] ?? []) {
            found.append("the record of what readers see has gone.")
        }
        let needless = names.subtracting(visible).filter { $0.fence < floor }
        found += needless.map { "\($0) is left, and no fence that is needed." }.sorted()
        return found
    }
}

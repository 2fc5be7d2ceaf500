/// What `_delta_log` holds, and which of it must be read to know the table.
struct LogListing: Hashable {
    /// What to read, in order.
    struct Plan: Hashable {
        /// The files of the checkpoint to start from; none where the log is read from its beginning.
        var checkpoint: [CheckpointPart]
        /// The entries that follow.
        var entries: ClosedRange<Int64>?

        /// The newest version.
        var version: Int64 { entries?.upperBound ?? checkpoint.first?.version ?? -1 }
    }

    /// Why the log cannot be read.
    enum Flaw: Error, Hashable {
        /// Neither entries nor checkpoints.
        case empty
        /// The first entry is a later one, and no complete checkpoint stands for those before it.
        case headless(first: Int64)
        /// Entries between others are not listed.
        case gap([Int64])
    }

    private(set) var entries: Set<Int64> = []
    private var checkpoints: [Int64: [CheckpointPart]] = [:]

    init(names: some Sequence<String>) {
        for name in names { insert(name) }
    }

    mutating func insert(_ name: String) {
        switch LogFileName(name) {
        case .entry(let version): entries.insert(version)
        case .checkpoint(let part): checkpoints[part.version, default: []].append(part)
        case nil: break
        }
    }

    /// Decides what to read: the newest complete checkpoint and every entry behind it.
    func plan() throws(Flaw) -> Plan {
        let checkpoint = newestCheckpoint()
        let base = checkpoint.first?.version ?? -1
        let later = entries.filter { $0 > base }
        guard let last = later.max() else {
            guard !checkpoint.isEmpty else { throw .empty }
            return Plan(checkpoint: checkpoint, entries: nil)
        }
        guard Int64(later.count) == last - base else {
            if checkpoint.isEmpty, let first = later.min(), first > 0, Int64(later.count) == last - first + 1 {
                throw .headless(first: first)
            }
            throw .gap(missing(in: later, after: base))
        }
        return Plan(checkpoint: checkpoint, entries: base + 1...last)
    }

    /// The first versions that are missing: a stray name with a huge number leaves very many.
    private func missing(in entries: Set<Int64>, after base: Int64) -> [Int64] {
        var missing: [Int64] = []
        var expected = base + 1
        for version in entries.sorted() {
            while expected < version, missing.count < 1000 {
                missing.append(expected)
                expected += 1
            }
            expected = version + 1
        }
        return missing
    }

    private func newestCheckpoint() -> [CheckpointPart] {
        for version in checkpoints.keys.sorted(by: >) {
            let groups = Dictionary(grouping: checkpoints[version] ?? [], by: \.group)
            // A checkpoint in one file first: which one is taken does not matter, as all say the same.
            for group in groups.keys.sorted(by: { groups[$0]?.count ?? 0 < groups[$1]?.count ?? 0 }) {
                let parts = (groups[group] ?? []).sorted { $0.number < $1.number }
                if case .parts(let count) = group, Int64(parts.count) != count { continue }
                if case .named = group, parts.count != 1 { continue }
                return parts
            }
        }
        return []
    }
}

internal import PartitionBackfill
internal import Partitions
internal import Synchronization

/// Has measured what was replaced and is not known yet, and shows how far that has come.
struct ReplacedMeasurer {
    /// Partitions that are named when something went wrong with them.
    private static let mostNamed = 5

    let backfill: Backfill
    let workers: Int
    let console: Console

    /// What went wrong; none of it keeps anybody from seeing the rest.
    private struct Troubles {
        var unreadable: [(key: PartitionKey, reason: String)] = []
        var unrecorded: String?
    }

    /// The same attempts, with what is known now.
    func measured(_ judged: [Judged]) async throws -> [Judged] {
        let count = judged.count { backfill.canMeasureReplaced($0) }
        guard count > 0 else { return judged }
        let start = ContinuousClock.now
        let title = "\(backfill.job.name), measuring what was replaced"
        let display = LookDisplay(job: title, total: count, console: console) { ContinuousClock.now - start }
        let troubles = Mutex(Troubles())
        let result = try await display.shown {
            try await backfill.measureReplaced(judged, workers: workers) { event in
                try display.note([])
                troubles.withLock { troubles in
                    switch event {
                    case .measured(_, let unrecorded): troubles.unrecorded = troubles.unrecorded ?? unrecorded
                    case .unreadable(let key, let reason): troubles.unreadable.append((key, reason))
                    case .gone: break
                    }
                }
            }
        }
        tell(troubles.withLock { $0 })
        return result
    }

    private func tell(_ troubles: Troubles) {
        for (key, reason) in troubles.unreadable.prefix(Self.mostNamed) {
            console.say("\(key): what was replaced cannot be measured. \(console.paths.shortened(reason))\n")
        }
        let hidden = troubles.unreadable.count - Self.mostNamed
        if hidden > 0 { console.say("The same is true of \(NumberText.counted(hidden, "more partition")).\n") }
        if let reason = troubles.unrecorded {
            console.say("What was measured is shown, and could not be recorded: \(reason)\n")
        }
    }
}

/// Which statements of a connection have a name on the server, and for how long.
///
/// A plan that the server keeps was made for the tables as they were: one made when the ledger was empty scans them from
/// end to end when it is full. So a name is given up after a short life, and the statement is planned anew.
struct StatementNames {
    /// How a statement is to be run.
    enum Step: Equatable {
        /// By its text, this time.
        case runText
        /// By a name that has to be given first.
        case prepare(String)
        /// By the name that it has.
        case run(String)
        /// By its text, after its name has been given up.
        case forget(String)
    }

    private struct Use {
        var since: ContinuousClock.Instant
        var name: String?
    }

    private var uses: [ObjectIdentifier: Use] = [:]
    private var count = 0
    // Random, so that behind a pooler two clients never give one name to two texts.
    private let prefix = "reprocess_" + String(UInt32.random(in: 0...UInt32.max), radix: 16)

    /// Decides how a statement runs that is due now: by name from its second time within a lifetime on.
    mutating func next(for statement: ObjectIdentifier, at now: ContinuousClock.Instant, lifetime: Duration) -> Step {
        guard let use = uses[statement], use.since.duration(to: now) < lifetime else {
            let old = uses[statement]?.name
            uses[statement] = Use(since: now)
            return old.map(Step.forget) ?? .runText
        }
        if let name = use.name { return .run(name) }
        count += 1
        let name = "\(prefix)_\(count)"
        uses[statement] = Use(since: now, name: name)
        return .prepare(name)
    }
}

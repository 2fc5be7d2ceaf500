/// How many workers a process may have, and how many threads its engine, where memory does not suffice for as many as
/// were asked for.
///
/// Half as many of both after each time that memory ran out, down to one; twice as many again after a while without.
struct CrewLimit: Sendable {
    /// What works at the same time.
    struct Share: Sendable, Hashable {
        /// Partitions at the same time.
        var workers: Int
        /// Threads of the engine that work on one statement.
        var threads = 1

        /// Less is not possible.
        static let smallest = Share(workers: 1)

        fileprivate var halved: Share { Share(workers: max(1, workers / 2), threads: max(1, threads / 2)) }
        fileprivate var doubled: Share { Share(workers: workers * 2, threads: threads * 2) }

        /// More may be at work beside an attempt than when it began.
        mutating func grow(to other: Share) {
            workers = max(workers, other.workers)
            threads = max(threads, other.threads)
        }

        fileprivate func within(_ other: Share) -> Share {
            Share(workers: min(workers, other.workers), threads: min(threads, other.threads))
        }
    }

    /// Partitions to be done before more are tried at the same time again.
    static let recovery = 16

    private(set) var asked: Int
    private let threads: Int
    private var bound: Share?
    private var doneSince = 0

    init(asked: Int, threads: Int = 1) {
        self.asked = asked
        self.threads = max(1, threads)
    }

    private var whole: Share { Share(workers: asked, threads: threads) }

    /// What may work at the moment.
    var share: Share { bound.map { $0.within(whole) } ?? whole }

    /// The number of workers at the moment.
    var current: Int { share.workers }

    /// The user wants another number of workers.
    mutating func ask(for count: Int) { asked = max(1, count) }

    /// Memory ran out in an attempt beside which so many were at work.
    ///
    /// - Returns: Whether fewer are at work now than there were then, so that another try is worth it.
    mutating func memoryRanOut(with crew: Share) -> Bool {
        guard crew != .smallest else { return false }
        bound = crew.halved.within(share)
        doneSince = 0
        return true
    }

    /// A partition was done.
    ///
    /// - Returns: Whether that brings more workers or threads.
    mutating func done() -> Bool {
        guard let bound else { return false }
        doneSince += 1
        guard doneSince >= CrewLimit.recovery else { return false }
        doneSince = 0
        let more = bound.doubled
        self.bound = more.within(whole) == whole ? nil : more
        return true
    }
}

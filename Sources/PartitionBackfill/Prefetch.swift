/// How many claims one process holds ahead of its workers.
///
/// Claims for partitions of milliseconds are made in batches, because a round trip costs as much as the work; those of
/// minutes are made one at a time, so that other processes find something to do.
struct Prefetch: Sendable {
    /// The work held ahead, in time.
    static let horizon: Duration = .milliseconds(200)
    /// The greatest number of claims held ahead.
    static let most = 64

    var workers: Int
    /// Whether claims are held ahead at all.
    var isEager = true
    private var meanSeconds: Double?

    init(workers: Int) {
        self.workers = workers
    }

    /// Takes note of how long a partition took.
    mutating func observe(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        meanSeconds = meanSeconds.map { $0 * 0.8 + seconds * 0.2 } ?? seconds
    }

    /// Claims to hold ahead of the workers.
    var ahead: Int {
        guard isEager, let meanSeconds else { return 0 }
        let horizonSeconds = Prefetch.horizon / .seconds(1)
        return min(Prefetch.most, Int(horizonSeconds / max(meanSeconds, 0.000_001) * Double(workers)))
    }

    /// How many claims to ask for, given those that are queued and the workers that have nothing to do.
    ///
    /// Nothing while more than half of what is held ahead is left, so that a request is worth its round trip.
    func request(queued: Int, idle: Int) -> Int {
        let ahead = ahead
        guard idle > queued || queued <= ahead / 2 else { return 0 }
        return max(0, idle + ahead - queued)
    }
}

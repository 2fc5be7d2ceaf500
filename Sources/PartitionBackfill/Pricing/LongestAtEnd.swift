/// When a process claims what takes longest first: near the end, so that its workers finish together.
enum LongestAtEnd {
    /// Partitions for each worker from which on it is the end.
    static let partitionsPerWorker = 4

    /// Whether the partitions that are left are the end of a plan, and their order matters.
    static func isReached(left: Int, workers: Int) -> Bool {
        workers > 1 && left > workers && left <= partitionsPerWorker * workers
    }
}

/// When workers are done that take one partition after another.
enum Makespan {
    /// Has each worker take the next partition when it has nothing to do.
    ///
    /// - Parameters:
    ///   - seconds: What the partitions take, in the order in which they are started.
    ///   - workers: The number of workers.
    ///   - before: Work that is spread evenly over the workers before.
    /// - Returns: The time until the last of them is done.
    static func seconds(_ seconds: some Sequence<Double>, workers: Int, before: Double = 0) -> Double {
        precondition(workers > 0, "Nobody would ever be done.")
        var ends = [Double](repeating: before / Double(workers), count: workers)
        for time in seconds {
            var first = 0
            for worker in ends.indices where ends[worker] < ends[first] { first = worker }
            ends[first] += time
        }
        return ends.max() ?? 0
    }
}

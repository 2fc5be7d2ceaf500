import FaultPoints

/// How one worker process is started: by its number, which follows from the seed alone.
struct LaunchPlan: Hashable {
    /// Partitions at the same time.
    let workers: Int
    /// A place in the program at which it kills or stops itself; nil for most.
    private(set) var point: FaultPoint?
    /// Whether it stops there, instead of dying.
    let stops: Bool
    /// The arrival at the place that counts.
    let occurrence: Int
    /// How long it stands still where it has stopped itself.
    let stopTime: Duration
    /// How many rows a batch is to have: who takes over goes on with batches of another size.
    let batchRows: Int

    init(seed: UInt64, number: Int, lease: Duration, job: ChaosJob = .figures) {
        var random = SplitMix64(seed: seed &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
        workers = Int.random(in: 1...3, using: &random)
        // Whoever reads batches comes to their points, and to those of every run.
        let points = job == .batched && random.happens(oneIn: 2) ? FaultPoint.batches : FaultPoint.allCases
        point = random.happens(oneIn: 2) ? points.randomElement(using: &random) : nil
        stops = random.happens(oneIn: 3)
        // Mostly the first times: some places are only reached where somebody has died before.
        occurrence = random.happens(oneIn: 2) ? 1 : Int.random(in: 2...25, using: &random)
        let shortest = Int(lease / .milliseconds(1))
        stopTime = random.milliseconds(shortest * 5 / 4...shortest * 5 / 2)
        batchRows = Int.random(in: 6...15, using: &random)
    }

    /// What `REPROCESS_FAULT` says to the process.
    var environmentValue: String? {
        point.map { "\($0.rawValue):\(stops ? "stop" : "kill"):\(occurrence)" }
    }

    /// The same, in peace.
    var withoutFault: LaunchPlan {
        var plan = self
        plan.point = nil
        return plan
    }
}

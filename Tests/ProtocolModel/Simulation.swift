/// One schedule: a few workers, a ledger, a table, a network, and a scheduler that decides by one seed what happens next.
///
/// The same seed, options and code give the same schedule on every machine.
package struct Simulation {
    /// What is simulated.
    package struct Options: Sendable {
        /// Which guards are there.
        package var guards = Guards.all
        /// PostgreSQL may lose what it had committed last, as an asynchronous failover does.
        package var allowsFailover = false
        /// How often a partition is taken over before it is given up.
        package var takeoverLimit = 5
        /// Whether the schedule is seen to its end without faults.
        package var checksThatAllEnds = true

        /// Changes what was drawn, for a test that looks for something rare.
        package var adjust: @Sendable (inout Scenario) -> Void = { _ in }

        package init() {}
    }

    /// How a schedule ended.
    package enum Ending: Sendable, Equatable {
        case sound
        /// There were more attempts than the model has room for.
        case cutShort
        case violated(Invariant)
    }

    package static let slots = 4
    static let ghosts = 4

    let options: Options
    let guards: Guards
    var random: SeededRandom
    let scenario: Scenario
    var clock = 0
    /// How far the database's clock is ahead of the workers'.
    var clockOffset = 0
    /// Counts claims and plans, to tell which came first.
    var order = 0

    var disk = ModelDisk()
    var ledger: ModelLedger
    var workers = InlineArray<4, ModelWorker>(repeating: ModelWorker())
    /// Statements of connections that are dead, which the server may still receive.
    var ghosts = InlineArray<4, Message>(repeating: Message())
    var ghostCount = 0
    var current = 0
    var batches = 0
    /// No more faults.
    var isCalm = false

    var oracle = Oracle()
    /// What a replica has received.
    var replica: ModelLedger?
    var replicaOracle = Oracle()

    package internal(set) var stepCount = 0
    package internal(set) var tally = Tally()
    var violation: Invariant?
    var isTracing = false
    package internal(set) var trace: [String] = []

    /// Prepares a schedule.
    package init(seed: UInt64, options: Options, isTracing: Bool = false) {
        self.options = options
        self.isTracing = isTracing
        guards = options.guards
        random = SeededRandom(seed: seed)
        var drawn = Scenario(&random, allowsFailover: options.allowsFailover)
        options.adjust(&drawn)
        scenario = drawn
        ledger = ModelLedger(rules: .init(guards: guards, takeoverLimit: options.takeoverLimit))
        if scenario.startsWithPartitions {
            var key = 0
            while key < scenario.keys {
                _ = disk.perform(.foreignWrite, key)
                key += 1
            }
            disk.syncRoot()
        }
        var slot = 0
        while slot < scenario.workers {
            workers[slot].job = scenario.hasSecondJob && slot == scenario.workers - 1 ? 1 : 0
            start(slot)
            slot += 1
        }
    }

    /// Runs one schedule.
    package static func run(seed: UInt64, options: Options) -> (ending: Ending, tally: Tally) {
        var simulation = Simulation(seed: seed, options: options)
        let ending = simulation.run()
        return (ending, simulation.tally)
    }

    /// Runs the schedule to its end.
    package mutating func run() -> Ending {
        while stepCount < scenario.steps, violation == nil, ledger.hasRoom { stepUnderFaults() }
        if violation == nil, options.checksThatAllEnds, ledger.hasRoom { settle() }
        tally.steps = stepCount
        if let violation { return .violated(violation) }
        return ledger.hasRoom ? .sound : .cutShort
    }

    var now: Int { mutating get { clock + clockOffset } }

    /// Notes that an invariant is broken; the first one counts.
    mutating func violate(_ invariant: Invariant, _ what: String) {
        guard violation == nil else { return }
        violation = invariant
        if isTracing { trace.append("VIOLATED: \(invariant.rawValue): \(what)") }
    }

    mutating func note(_ text: String) {
        if isTracing { trace.append("\(clock)\t\(text)") }
    }

    /// Starts a new process, which knows nothing.
    mutating func start(_ slot: Int) {
        let job = workers[slot].job
        workers[slot] = ModelWorker()
        workers[slot].job = job
        workers[slot].isAlive = true
        workers[slot].phase = .readFence
        if random.percent(scenario.versionChanges) { workers[slot].version = 1 }
        workers[slot].includesComplete = !isCalm && random.percent(5)
        if isTracing { note("worker \(slot) starts, job \(job), version \(workers[slot].version)") }
    }
}

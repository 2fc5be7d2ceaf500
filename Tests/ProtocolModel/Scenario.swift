/// What a schedule is drawn from: who takes part, and what may go wrong how often.
package struct Scenario {
    package var keys = 1
    package var workers = 2
    /// The last worker writes the same table for another job.
    package var hasSecondJob = false
    /// The partitions exist before, written by another program.
    package var startsWithPartitions = false
    package var steps = 100
    /// Out of a thousand steps, how many are the last of an actor for a while.
    package var switches = 100
    /// Out of a thousand steps, before how many a process crashes, or is stopped.
    package var crashes = 5
    package var stops = 0
    /// Out of a thousand steps, before how many the time of a lease goes by.
    package var delays = 5
    /// Out of a hundred messages and answers, how many are lost.
    package var losses = 0
    package var powerCuts = 0
    package var foreignWrites = 0
    package var marks = 0
    package var failingTransforms = 0
    package var clockJumps = 0
    package var failovers = 0
    /// How many of a hundred listings take so long that something may happen meanwhile.
    package var slowListings = 20
    /// In how many of a hundred restarts the version changes.
    package var versionChanges = 0

    /// Two workers of one job and one partition; nothing but a few crashes goes wrong.
    package init() {}

    /// Draws a scenario.
    package init(_ random: inout SeededRandom, allowsFailover: Bool) {
        keys = random.percent(60) ? 1 : 2 + random.below(2)
        workers = random.percent(60) ? 2 : 3 + random.below(2)
        hasSecondJob = random.percent(35)
        startsWithPartitions = random.percent(60)
        steps = 50 + random.below(100)
        versionChanges = 10
        switches = random.percent(40) ? 40 : (random.percent(50) ? 150 : 600)
        if random.percent(90) {
            crashes = 5 + random.below(25)
            stops = random.below(40)
            delays = random.below(30)
            losses = random.below(20)
        }
        if random.percent(25) { powerCuts = 2 + random.below(10) }
        if random.percent(10) { foreignWrites = 5 + random.below(40) }
        if random.percent(10) { marks = 10 }
        if random.percent(20) { failingTransforms = 20 }
        if random.percent(10) { clockJumps = 10 }
        if random.percent(30) { versionChanges = 50 }
        if random.percent(20) { slowListings = 70 }
        if allowsFailover { failovers = 15 }
    }
}

/// What happened in schedules, so that a test can tell that they reached what they are for.
package struct Tally: Sendable {
    package var steps = 0
    package var claims = 0
    package var takeovers = 0
    package var published = 0
    package var fenced = 0
    package var adopted = 0
    package var completed = 0
    package var powerCuts = 0
    package var crashes = 0
    package var poisoned = 0
    package var lostAnswers = 0
    package var lateStatements = 0
    package var takenBack = 0

    package init() {}

    /// Adds what happened in another schedule.
    package mutating func add(_ other: Tally) {
        steps += other.steps
        claims += other.claims
        takeovers += other.takeovers
        published += other.published
        fenced += other.fenced
        adopted += other.adopted
        completed += other.completed
        powerCuts += other.powerCuts
        crashes += other.crashes
        poisoned += other.poisoned
        lostAnswers += other.lostAnswers
        lateStatements += other.lateStatements
        takenBack += other.takenBack
    }
}

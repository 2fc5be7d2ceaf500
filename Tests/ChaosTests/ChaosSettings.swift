import Foundation

/// How long and with which faults the test runs.
struct ChaosSettings {
    /// How long faults come, `REPROCESS_CHAOS_SECONDS`: 30 in an ordinary test run.
    let seconds: Int
    /// What the faults follow from, `REPROCESS_CHAOS_SEED`: another one each time.
    let seed: UInt64
    /// Worker processes at the same time.
    let processes = 8
    /// The lease of every worker.
    let lease: Duration = .seconds(2)

    /// The settings that the environment asks for.
    static let fromEnvironment = ChaosSettings(environment: ProcessInfo.processInfo.environment)

    init(environment: [String: String]) {
        seconds = environment["REPROCESS_CHAOS_SECONDS"].flatMap { Int($0) } ?? 30
        seed = environment["REPROCESS_CHAOS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64(UInt32.max))
    }

    /// The command that brings the same faults again.
    var command: String { "scripts/chaos --seconds \(seconds) --seed \(seed)" }

    /// The limit for Swift Testing, in minutes.
    var minutesAtMost: Int { seconds / 60 + 10 }
}

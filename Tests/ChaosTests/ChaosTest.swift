import TestSupport
import Testing

/// Eight workers on the partitions of two jobs, while whatever can go wrong does, all the time.
@Suite struct ChaosTest {
    @Test(.timeLimit(.minutes(ChaosSettings.fromEnvironment.minutesAtMost)))
    func `Every partition is published exactly once, whatever is done to workers, server and network`() async throws {
        let settings = ChaosSettings.fromEnvironment
        print("chaos: \(settings.command)")
        let run = try await ChaosRun(settings)
        try await run.run()
        print("chaos: \(settings.command)\n\(run.tally.markdown)")
    }
}

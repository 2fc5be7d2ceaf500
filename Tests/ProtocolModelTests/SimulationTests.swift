import Foundation
import ProtocolModel
import Testing

/// The whole protocol under schedules that nobody has thought of.
///
/// `REPROCESS_SIMULATION_COUNT` is the number of schedules, `REPROCESS_SIMULATION_SEED` repeats a single one and tells
/// all that happens in it. `docs/simulation.md` says what is modelled.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test func `No schedule breaks an invariant`() async throws {
        let options = Simulation.Options()
        if let seed = Self.environment["REPROCESS_SIMULATION_SEED"] {
            return try repeatOne(#require(UInt64(seed), "REPROCESS_SIMULATION_SEED is a number"), options)
        }
        let count = try Self.environment["REPROCESS_SIMULATION_COUNT"].map {
            try #require(Int($0), "REPROCESS_SIMULATION_COUNT is a number")
        }
        let sweep = await check(count ?? 100_000, options)
        // The schedules must have come to what they are for.
        let tally = sweep.tally
        let reached = [
            tally.takeovers, tally.published, tally.fenced, tally.adopted, tally.completed, tally.powerCuts,
            tally.poisoned, tally.lostAnswers, tally.lateStatements, tally.takenBack,
        ]
        #expect(reached.allSatisfy { $0 > 0 }, "\(tally)")
        #expect(sweep.cutShort * 100 <= sweep.schedules)
    }

    @Test func `After a failover that lost commits and fences, the rest still holds`() async {
        var options = Simulation.Options()
        options.allowsFailover = true
        await check(20_000, options)
    }

    @Test func `Trusting leases spares work, and safety does not need it`() async {
        var options = Simulation.Options()
        options.guards.remove(.leaseTrust)
        await check(20_000, options)
    }

    @Test func `A seed repeats its schedule`() {
        var options = Simulation.Options()
        options.guards.remove(.adoption)
        for seed in UInt64(0)..<50 {
            let first = Sweep.trace(of: seed, options: options)
            #expect(!first.isEmpty)
            #expect(Sweep.trace(of: seed, options: options) == first)
            #expect(Sweep.trace(of: seed + 50, options: options) != first)
        }
    }

    /// Runs schedules from a seed that is new each time, and tells how to repeat the first one that failed.
    @discardableResult
    private func check(_ count: Int, _ options: Simulation.Options, name: String = #function) async -> Sweep {
        let base = UInt64.random(in: 0..<1 << 48)
        let sweep = await Sweep.run(from: base, count: count, options: options)
        print("\(name): \(sweep.schedules) schedules from seed \(base), \(sweep.tally)")
        if let (failed, trace) = sweep.shortest(options: options) {
            Issue.record(
                """
                \(failed.invariant.rawValue): violated by the schedule with seed \(failed.seed). \
                REPROCESS_SIMULATION_SEED=\(failed.seed) repeats it.
                \(trace.joined(separator: "\n"))
                """)
        }
        return sweep
    }

    private func repeatOne(_ seed: UInt64, _ options: Simulation.Options) {
        var simulation = Simulation(seed: seed, options: options, isTracing: true)
        let ending = simulation.run()
        print(simulation.trace.joined(separator: "\n"))
        #expect(ending == .sound)
    }
}

import ProtocolModel
import Testing

/// The simulation must notice the absence of each guard; a check that cannot fail proves nothing.
@Suite struct MutationTests {
    /// How many schedules may pass without a counterexample; most need a few hundred.
    private static let limit = 200_000

    @Test(arguments: Mutation.all)
    func `Without a guard there is a counterexample`(mutation: Mutation) async throws {
        let options = mutation.options
        let sweep = await Sweep.run(from: 1, count: Self.limit, options: options, enough: 4)
        let (found, trace) = try #require(
            sweep.shortest(options: options), "none in \(sweep.schedules) schedules without \(mutation.name)")
        let broken = sweep.counterexamples.map(\.invariant)
        #expect(broken.contains { mutation.breaks.contains($0) }, "\(broken)")
        print(
            """
            Without \(mutation.name), seed \(found.seed) of \(sweep.schedules) schedules: \(found.invariant.rawValue).
            \(trace.joined(separator: "\n"))
            """)
    }

    @Test(arguments: Mutation.doubled)
    func `A guard that another one stands in for may be missing alone`(mutation: Mutation) async {
        let sweep = await Sweep.run(from: 1, count: 5_000, options: mutation.options)
        #expect(sweep.counterexamples.isEmpty, "\(sweep.counterexamples)")
    }
}

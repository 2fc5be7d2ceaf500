import Testing

@Suite struct FaultScheduleTests {
    private static func steps(_ count: Int, seed: UInt64) -> [FaultSchedule.Step] {
        Array(FaultSchedule(seed: seed, lease: .seconds(2)).prefix(count))
    }

    @Test func `A seed brings the same faults again, and another seed others`() {
        #expect(Self.steps(500, seed: 42) == Self.steps(500, seed: 42))
        #expect(Self.steps(500, seed: 42) != Self.steps(500, seed: 43))
        let plans = { (seed: UInt64) in (1...100).map { LaunchPlan(seed: seed, number: $0, lease: .seconds(2)) } }
        #expect(plans(42) == plans(42))
        #expect(plans(42) != plans(43))
    }

    @Test func `The generator is the one that everybody knows by this name`() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func `A minute has a fault of every kind`() {
        var kinds: Set<String> = []
        var swallowed: Set<RequestKind> = []
        for step in Self.steps(100, seed: 7) {
            kinds.insert(String(describing: step.fault).prefix { $0 != "(" }.description)
            if case .swallowReply(let kind) = step.fault { swallowed.insert(kind) }
        }
        #expect(
            kinds == [
                "kill", "terminate", "stop", "terminateBackends", "restartServer", "cut", "refuse", "stall",
                "swallowReply",
            ])
        #expect(swallowed == Set(RequestKind.allCases))
    }

    @Test func `Whoever stands still does so for longer than the lease`() {
        for step in Self.steps(500, seed: 3) {
            switch step.fault {
            case .stop(_, let time), .stall(_, let time, _): #expect(time > .seconds(2))
            default: break
            }
        }
        for number in 1...200 {
            #expect(LaunchPlan(seed: 3, number: number, lease: .seconds(2)).stopTime > .seconds(2))
        }
    }
}

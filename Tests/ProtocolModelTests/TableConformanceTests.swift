import FaultPoints
import ProtocolModel
import Testing

/// The model of the table against the real one: the same calls, faults and interleavings leave the same names.
@Suite struct TableConformanceTests {
    /// Guards whose absence another call can see; the rest needs a power cut, or a crash between two fault points.
    @Test(arguments: [
        Guards.lookInBegin, .lookInPublish, .installBeforeLook, .revocation, .recordBeforeExchange, .namesBeforeRecord,
        .verifyWhatCameOut,
    ])
    func `The comparison notices a model without a guard`(missing: Guards) throws {
        var differences: [String] = []
        for seed in UInt64(0)..<400 where differences.isEmpty {
            let race = try TableRace(seed: seed, guards: .all.subtracting(missing))
            try race.run()
            differences = race.differences
        }
        #expect(!differences.isEmpty)
    }

    @Test func `The table and its model leave the same names behind`() throws {
        var reached: [FaultPoint: Int] = [:]
        for seed in UInt64(0)..<400 {
            let race = try TableRace(seed: seed)
            try race.run()
            #expect(race.differences.isEmpty, "seed \(seed)\n\(race.story.joined(separator: "\n"))")
            for point in race.reached { reached[point, default: 0] += 1 }
        }
        for point in FaultPoint.table { #expect(reached[point, default: 0] >= 10, "\(point)") }
    }
}

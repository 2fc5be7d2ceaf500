import Foundation
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

@Suite struct SteeringReaderTests {
    private let noon = Date(timeIntervalSince1970: 43_200)

    private func request(
        window: String? = nil, onBreaker: BackfillRequest.BreakerReaction = .exit
    ) -> BackfillRequest {
        BackfillRequest(
            partitions: PartitionSet(granularity: .day, keys: EmptyCollection()), workers: 2,
            window: window.flatMap { TimeWindow(parsing: $0) }, onBreaker: onBreaker)
    }

    private func word(_ control: RunControl, _ settings: [String: String] = [:], isBreaker: Bool = false) -> RunSteering
    {
        RunSteering(
            control: control, settings: settings, now: noon, askedBy: "ann", reason: "why", isBreaker: isBreaker,
            setBy: "bob")
    }

    @Test func `A pause is told once, and again when it is over`() {
        var reader = SteeringReader(request())
        #expect(reader.read(word(.run), at: noon, expecting: nil) == .init())
        let paused = reader.read(word(.pause), at: noon, expecting: nil)
        #expect(paused == .init(events: [.paused(by: "ann", reason: "why")], isAdmitting: false))
        #expect(reader.read(word(.pause), at: noon, expecting: nil) == .init(isAdmitting: false))
        #expect(reader.read(word(.run), at: noon, expecting: nil) == .init(events: [.resumed(by: "ann")]))
    }

    @Test func `Drain and cancel end the run, at every look`() {
        var reader = SteeringReader(request())
        for _ in 0..<2 {
            #expect(
                reader.read(word(.drain), at: noon, expecting: nil).end == .drained(by: "ann", reason: "why"))
        }
        #expect(reader.read(word(.cancel), at: noon, expecting: nil).end == .cancelled(by: "ann", reason: "why"))
    }

    @Test func `A pause by the breaker ends the process, or waits where it was asked to`() {
        var reader = SteeringReader(request())
        let change = reader.read(word(.pause, isBreaker: true), at: noon, expecting: nil)
        #expect(change.events == [.breakerTripped(reason: "why")])
        #expect(change.end == .breaker(reason: "why"))
        var waiting = SteeringReader(request(onBreaker: .wait))
        let wait = waiting.read(word(.pause, isBreaker: true), at: noon, expecting: nil)
        #expect(wait == .init(events: [.breakerTripped(reason: "why")], isAdmitting: false))
        #expect(waiting.read(word(.run), at: noon, expecting: nil).isAdmitting)
    }

    @Test func `Settings override what the run began with, and taken back they do so no longer`() {
        var reader = SteeringReader(request())
        let change = reader.read(
            word(.run, ["workers": "5", "rate": "30/min", "nonsense": "1", "order": "sideways"]), at: noon,
            expecting: nil)
        let expected = RunSettings(workers: 5, rate: Rate(count: 30, per: .minute))
        #expect(change.settings == expected)
        #expect(change.events == [.settings(expected, by: "bob")])
        #expect(reader.read(word(.run, ["workers": "5", "rate": "30/min"]), at: noon, expecting: nil) == .init())
        #expect(
            reader.read(word(.run, ["workers": "5", "rate": "none"]), at: noon, expecting: nil).settings
                == RunSettings(workers: 5))
    }

    @Test func `A window closes and opens, also one that is set meanwhile`() {
        var reader = SteeringReader(request(window: "13:00-14:00"))
        let window = TimeWindow(parsing: "13:00-14:00")!
        #expect(
            reader.read(word(.run), at: noon, expecting: nil)
                == .init(events: [.windowClosed(window: window)], isAdmitting: false))
        #expect(reader.read(word(.run), at: noon, expecting: nil) == .init(isAdmitting: false))
        let one = noon + 3600
        #expect(reader.read(word(.run), at: one, expecting: nil) == .init(events: [.windowOpened]))
        #expect(!reader.read(word(.run), at: one + 3000, expecting: .seconds(1000)).isAdmitting)
        let set = reader.read(word(.run, ["window": "none"]), at: one + 3000, expecting: .seconds(1000))
        #expect(set.isAdmitting && set.events.last == .windowOpened)
    }

    @Test func `A paused run whose window is open stays paused`() {
        var reader = SteeringReader(request(window: "11:00-14:00"))
        #expect(!reader.read(word(.pause), at: noon, expecting: nil).isAdmitting)
        #expect(reader.read(word(.run), at: noon, expecting: nil).isAdmitting)
    }

    @Test(arguments: [
        ("workers", "0"), ("workers", "257"), ("workers", "none"), ("workers", "x"), ("rate", "30"), ("order", "up"),
        ("window", "x"), ("max-running", "0"),
    ])
    func `A value that is none is refused by name`(name: String, text: String) throws {
        var settings = RunSettings(workers: 1)
        let name = try #require(RunSettings.Name(rawValue: name))
        let error = #expect(throws: RunSettings.InvalidValue.self) { try settings.set(name, to: text) }
        #expect(error?.description.contains("\(name.rawValue) is '\(text)'") == true)
        #expect(settings == RunSettings(workers: 1))
    }
}

import Testing

@testable import Lakehouse

/// When a checkpoint is due: values alone.
@Suite struct CheckpointPaceTests {
    private let now = ContinuousClock.now

    @Test func `Without a word of the table it is every ten versions`() {
        var pace = CheckpointPace()
        #expect(!pace.isDue(at: 9, asked: nil, now: now))
        #expect(pace.isDue(at: 10, asked: nil, now: now))
        pace.newest = 13
        #expect(!pace.isDue(at: 22, asked: nil, now: now))
        #expect(pace.isDue(at: 23, asked: nil, now: now))
    }

    @Test func `Without a word of the table it takes a tenth of the time at most`() {
        var pace = CheckpointPace(newest: 0, last: (now, .seconds(2)))
        #expect(!pace.isDue(at: 1000, asked: nil, now: now + .seconds(17)))
        #expect(pace.isDue(at: 1000, asked: nil, now: now + .seconds(18)))
        // A table that says its interval gets what it asks for.
        #expect(pace.isDue(at: 1000, asked: 1000, now: now))
        pace.newest = 1
        #expect(!pace.isDue(at: 1000, asked: 1000, now: now))
    }

    @Test func `After a failure it waits for an interval`() {
        let pace = CheckpointPace(failed: 12)
        #expect(!pace.isDue(at: 21, asked: nil, now: now))
        #expect(pace.isDue(at: 22, asked: nil, now: now))
    }

    @Test(arguments: [
        ("interval 1 week", 604_800_000), ("7 days", 604_800_000), ("INTERVAL 1 Day 12 HOURS", 129_600_000),
        ("interval 0 seconds", 0), ("interval 1500 milliseconds", 1500), ("interval 2500 microseconds", 2),
        ("interval 1 month", nil), ("week", nil), ("", nil), ("interval", nil), ("interval -1 days", nil),
        ("interval 9223372036854775807 weeks", nil),
    ])
    func `Intervals are read as table properties spell them`(text: String, expected: Int64?) {
        #expect(IntervalText.milliseconds(text) == expected)
    }
}

import Testing

@testable import Lakehouse

/// When a checkpoint is due: values alone.
@Suite struct CheckpointPaceTests {
    @Test func `Without a word of the table it is every ten versions`() {
        var pace = CheckpointPace()
        #expect(!pace.isDue(at: 9, asked: nil))
        #expect(pace.isDue(at: 10, asked: nil))
        pace.newest = 13
        #expect(!pace.isDue(at: 22, asked: nil))
        #expect(pace.isDue(at: 23, asked: nil))
        // A table that says its interval gets what it asks for.
        #expect(!pace.isDue(at: 23, asked: 11) && pace.isDue(at: 14, asked: 1))
    }

    @Test func `What has been called due is not called again`() {
        let pace = CheckpointPace(newest: 0, called: 10)
        #expect(!pace.isDue(at: 19, asked: nil))
        #expect(pace.isDue(at: 20, asked: nil))
    }

    @Test func `After a failure it waits for an interval`() {
        let pace = CheckpointPace(failed: 12)
        #expect(!pace.isDue(at: 21, asked: nil))
        #expect(pace.isDue(at: 22, asked: nil))
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

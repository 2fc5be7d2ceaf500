import Foundation
import Testing
import Transforms

@Suite struct TimeWindowTests {
    private func window(_ text: String) throws -> TimeWindow { try #require(TimeWindow(parsing: text), "\(text)") }

    private func moment(_ text: String) throws -> Date { try Date(text + "Z", strategy: .iso8601) }

    @Test(arguments: [
        ("22:00-06:00 Europe/Berlin", "22:00-06:00 Europe/Berlin"), ("8:30-24:00", "08:30-00:00 GMT"),
        ("00:00-12:00 America/New_York", "00:00-12:00 America/New_York"),
    ])
    func `A window is read and written`(text: String, written: String) throws {
        #expect(try window(text).description == written)
        #expect(try window(window(text).description) == window(text))
    }

    @Test(arguments: [
        "", "22:00", "22-06", "22:00-22:00", "25:00-06:00", "22:60-06:00", "22:00-06:00 Mars/Olympus", "24:00-06:00",
        "22:00-06:00 Europe/Berlin x", "2200-0600", "-1:00-02:00", "24:30-06:00",
    ])
    func `What is none is refused`(text: String) { #expect(TimeWindow(parsing: text) == nil) }

    @Test func `A window over midnight is open on both sides of it`() throws {
        let night = try window("22:00-06:00 Europe/Berlin")
        // Winter: an hour ahead of UTC.
        let open = try TimeWindow.Standing.open(
            since: moment("2024-01-10T21:00:00"), until: moment("2024-01-11T05:00:00"))
        #expect(try night.standing(at: moment("2024-01-10T20:59:59")) == .closed(until: moment("2024-01-10T21:00:00")))
        #expect(try night.standing(at: moment("2024-01-10T21:00:00")) == open)
        #expect(try night.standing(at: moment("2024-01-11T04:59:59")) == open)
        #expect(try night.standing(at: moment("2024-01-11T05:00:00")) == .closed(until: moment("2024-01-11T21:00:00")))
    }

    @Test func `The wall clock decides when clocks go forward and back`() throws {
        let night = try window("22:00-06:00 Europe/Berlin")
        // 2024-03-31: 02:00 becomes 03:00; seven hours. 2024-10-27: 03:00 becomes 02:00; nine.
        #expect(
            try night.standing(at: moment("2024-03-31T00:30:00"))
                == .open(since: moment("2024-03-30T21:00:00"), until: moment("2024-03-31T04:00:00")))
        #expect(
            try night.standing(at: moment("2024-10-27T00:30:00"))
                == .open(since: moment("2024-10-26T20:00:00"), until: moment("2024-10-27T05:00:00")))
    }

    @Test func `A time that the clocks leap over is the moment of the leap`() throws {
        let short = try window("02:30-04:00 Europe/Berlin")
        #expect(
            try short.standing(at: moment("2024-03-31T01:10:00"))
                == .open(since: moment("2024-03-31T01:00:00"), until: moment("2024-03-31T02:00:00")))
        #expect(try short.standing(at: moment("2024-03-31T00:59:59")) == .closed(until: moment("2024-03-31T01:00:00")))
    }

    @Test func `Of a time that the clocks show twice, a window opens at the first and closes at the second`() throws {
        let opening = try window("02:30-04:00 Europe/Berlin")
        #expect(
            try opening.standing(at: moment("2024-10-27T00:31:00"))
                == .open(since: moment("2024-10-27T00:30:00"), until: moment("2024-10-27T03:00:00")))
        let closing = try window("01:00-02:30 Europe/Berlin")
        #expect(
            try closing.standing(at: moment("2024-10-27T01:29:00"))
                == .open(since: moment("2024-10-26T23:00:00"), until: moment("2024-10-27T01:30:00")))
    }

    @Test func `A partition is started only where it will be done in time`() throws {
        let night = try window("22:00-06:00")
        let late = try moment("2024-01-11T05:00:00")
        #expect(night.admits(late, expecting: nil))
        #expect(night.admits(late, expecting: .seconds(3600)))
        #expect(!night.admits(late, expecting: .seconds(3601)))
        #expect(try !night.admits(moment("2024-01-11T06:00:00"), expecting: nil))
        // Longer than the whole window: in its first half, so that it is done at all.
        #expect(try night.admits(moment("2024-01-11T02:00:00"), expecting: .seconds(86_400)))
        #expect(try !night.admits(moment("2024-01-11T02:00:01"), expecting: .seconds(86_400)))
    }

    @Test func `Any moment of two years is open or waits for the next opening`() throws {
        for text in ["22:00-06:00 Europe/Berlin", "02:00-03:00 America/New_York", "23:45-00:15 Australia/Lord_Howe"] {
            let window = try window(text)
            var time = try moment("2024-01-01T00:00:00")
            let end = try moment("2026-01-01T00:00:00")
            while time < end {
                switch window.standing(at: time) {
                case .open(let since, let until): #expect(since <= time && time < until, "\(text) at \(time)")
                case .closed(let until):
                    #expect(until > time && until.timeIntervalSince(time) < 2 * 86_400, "\(text) at \(time)")
                    guard case .open(let since, _) = window.standing(at: until) else {
                        Issue.record("\(text) does not open at \(until)")
                        continue
                    }
                    #expect(since == until)
                }
                time += 4517
            }
        }
    }

    @Test(arguments: [("30/min", 2.0), ("5/s", 0.2), ("1/h", 3600), ("4/d", 21_600), ("2/second", 0.5), ("6/m", 10)])
    func `A rate says how far apart starts are`(text: String, seconds: Double) throws {
        #expect(try #require(Rate(parsing: text)).timeApart == .seconds(seconds))
    }

    @Test(arguments: ["", "30", "0/min", "-1/s", "30/week", "30/min/h", "x/min", "1.5/s", "30 / min"])
    func `What is no rate is refused`(text: String) { #expect(Rate(parsing: text) == nil) }
}

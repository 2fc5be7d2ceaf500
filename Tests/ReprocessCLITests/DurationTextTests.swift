import Testing

@testable import ReprocessCLI

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("90s", 90_000), ("2d", 172_800_000), ("1h30m", 5_400_000), ("500ms", 500), ("1h 5s", 3_605_000),
    ])
    func `A duration is read with its units`(text: String, milliseconds: Int64) throws {
        #expect(try DurationText.parse(text).milliseconds == milliseconds)
    }

    @Test(arguments: ["", "90", "s", "1x", "-5s", "1.5h", "9223372036854775807d", "5s5"])
    func `A text that is no duration is named in the error`(text: String) {
        let error = #expect(throws: ValueError.self) { try DurationText.parse(text) }
        #expect(error?.message.hasPrefix("'\(text)' is not a duration") == true)
    }

    @Test(arguments: [
        (Int64(35), "35ms"), (4_250, "4.2s"), (4_000, "4s"), (42_000, "42s"), (150_000, "2m 30s"),
        (3_900_000, "1h 05m"),
        (180_000_000, "2d 02h"), (0, "0s"), (-5, "0ms"),
    ])
    func `A duration is shown in its two greatest units`(milliseconds: Int64, text: String) {
        #expect(DurationText.describe(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: ["90s", "2d", "500ms", "1h"])
    func `A canonical duration is read back`(text: String) throws {
        #expect(DurationText.canonical(try DurationText.parse(text)) == text)
    }
}

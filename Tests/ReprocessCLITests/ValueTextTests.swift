import Foundation
import ProgressStore
import Testing

@testable import ReprocessCLI

@Suite struct ValueTextTests {
    @Test(
        arguments: [
            ("4GB", 4_000_000_000), ("512MiB", 536_870_912), ("1.5 GB", 1_500_000_000), ("100kb", 100_000), ("7B", 7),
        ] as [(String, Int64)])
    func `A size is read with its unit`(text: String, bytes: Int64) throws {
        #expect(try ByteCountText.parse(text) == bytes)
    }

    @Test(arguments: ["", "4", "GB", "4XB", "-1GB", "0GB", "1e9GB", "1.2.3GB", "99999999999TB"])
    func `A text that is no size is named in the error`(text: String) {
        let error = #expect(throws: ValueError.self) { try ByteCountText.parse(text) }
        #expect(error?.message.hasPrefix("'\(text)' is not a size") == true)
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (1_234_567, "1.2 MB"), (123_456_789, "123 MB"),
            (9_999_999_999_999, "9.9 TB"),
        ] as [(Int64, String)])
    func `A size is shown with few digits`(bytes: Int64, text: String) {
        #expect(ByteCountText.describe(bytes) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func `A count is shown in groups of three digits`(number: Int, text: String) {
        #expect(NumberText.grouped(number) == text)
    }

    @Test func `A percentage is 100 only where nothing is left`() {
        #expect(NumberText.percent(999, of: 1000) == 99)
        #expect(NumberText.percent(1000, of: 1000) == 100)
        #expect(NumberText.percent(0, of: 0) == 0)
    }

    @Test(arguments: [
        (0.0, "1970-01-01 00:00:00 UTC"), (1_719_835_203.9, "2024-07-01 12:00:03 UTC"),
        (-0.5, "1969-12-31 23:59:59 UTC"),
    ])
    func `A moment is shown in UTC`(seconds: Double, text: String) {
        #expect(TimeText.describe(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test(arguments: [
        JSONValue.text("a\"b\\c\n\u{01}é😀"), .object(["b": .integer(1), "a": .array([.null, .bool(true)])]),
        .number(0.25),
    ])
    func `JSON is what Foundation reads`(value: JSONValue) throws {
        let read = try JSONSerialization.jsonObject(with: Data(value.text.utf8), options: .fragmentsAllowed)
        switch value {
        case .text(let text): #expect(read as? String == text)
        case .number(let number): #expect(read as? Double == number)
        default: #expect((read as? [String: Any])?.keys.sorted() == ["a", "b"])
        }
    }

    @Test func `The keys of JSON are sorted`() {
        #expect(JSONValue.object(["b": .null, "a": .null, "C": .null]).text == #"{"C":null,"a":null,"b":null}"#)
    }

    @Test(arguments: ["plain", "with space", "it's", "$HOME", "a;b", "", "ü", "*", "--from"])
    func `A quoted word comes back from a real shell`(word: String) throws {
        let shell = try ProgramResult.of(ProgramLaunch(["/bin/sh", "-c", "printf %s " + ShellQuoting.quote(word)]))
        #expect(shell.output == word)
    }
}

import Foundation
import Partitions
import Testing

@testable import ProgressStore

@Suite struct ValueTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\tb\nc", "a\tb\nc"), ("a\u{0}b", "a b"), ("\u{1B}[2J", " [2J"), ("a\r\nb", "a \nb"),
        ("\u{9B}31m", " 31m"), ("ab\u{202E}cd", "ab cd"), ("", ""), ("grün 🟢", "grün 🟢"),
    ])
    func `An error text keeps what a reader needs and nothing that acts on a terminal`(text: String, cleaned: String) {
        #expect(ErrorText.cleaned(text) == cleaned)
    }

    @Test(arguments: 3...40)
    func `A text is cut between two characters and never longer than allowed`(limit: Int) {
        let cut = ErrorText.cleaned(String(repeating: "aäu🟢", count: 20), limit: limit)
        #expect(cut.utf8.count <= limit)
        #expect(cut.utf8.count > limit - 7)
        #expect(cut.hasSuffix("…"))
    }

    @Test func `Arrays keep quotes, backslashes, commas, braces and NULL apart`() {
        #expect(
            ArrayText.texts(["a", nil, "NULL", "", "\"", "\\", "a,b", "{}"])
                == #"{"a",NULL,"NULL","","\"","\\","a,b","{}"}"#)
        #expect(ArrayText.plain([Int64(1), nil, -3]) == "{1,NULL,-3}")
        #expect(ArrayText.texts([]) == "{}")
    }

    @Test(arguments: [
        ("2024-02-29", Granularity.day), ("2024-02", .month), ("2024-02-29T23", .hour), ("0001-01-01", .day),
        ("9999-12-31T00", .hour),
    ])
    func `A key reads back from the ledger as it was written`(text: String, granularity: Granularity) throws {
        let expected = try PartitionKey(parsing: text, as: granularity)
        let key = Array(text.utf8).withUnsafeBytes { PartitionKey(ledgerText: $0) }
        #expect(key == expected)
        #expect(text.utf8.count == granularity.keyLength)
    }

    @Test(arguments: [
        "", "2024", "2024-13", "2024-02-30", "2024/02/01", "2024-02-0a", "2024-02-01T24", "2024-02-01 05",
        "2024-02-01T5",
    ])
    func `What is no key is not read as one`(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { PartitionKey(ledgerText: $0) } == nil)
    }

    @Test func `The work of other jobs takes its place among the rows of a plan`() {
        let keys = days(6)
        var merge = OtherClaimsMerge([keys[0], keys[2], keys[3], keys[5]])
        var seen: [PlanRow] = []
        for index in [1, 3, 4] { merge.pass(PlanRow(key: keys[index], status: .complete)) { seen.append($0) } }
        merge.finish { seen.append($0) }
        #expect(seen.map(\.key) == keys)
        #expect(seen.map(\.isClaimedByOtherJob) == [true, false, true, true, false, true])
        #expect(seen.map(\.status) == [.pending, .complete, .pending, .complete, .complete, .pending])
    }
}

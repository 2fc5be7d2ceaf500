import Testing

@testable import Transforms

struct FingerprintTests {
    private static let base = Query(
        "SELECT 1", sources: [Source(path: "/p/%F.csv", format: .csv, options: ["a": .bool(true)])])

    @Test(arguments: [
        Query("SELECT 2", sources: base.sources),
        Query("SELECT 1"),
        Query("SELECT 1", sources: [Source(path: "/p/%F.csv", format: .csv, options: ["a": .bool(false)])]),
        Query("SELECT 1", sources: [Source(path: "/p/%F.csv", format: .csv, options: ["b": .bool(true)])]),
        Query("SELECT 1", sources: [Source(path: "/p/%F.csv", format: .json, options: ["a": .bool(true)])]),
        Query("SELECT 1", sources: [Source(name: "s", path: "/p/%F.csv", format: .csv, options: ["a": .bool(true)])]),
        Query(
            "SELECT 1",
            sources: [Source(path: "/p/%F.csv", format: .csv, options: ["a": .bool(true)], rows: .all)]),
        Query(
            "SELECT 1",
            sources: [
                Source(
                    path: "/p/%F.csv", format: .csv, options: ["a": .bool(true)], rows: .ofPartition(column: "day"))
            ]),
    ])
    func `whatever changes the result changes the fingerprint`(other: Query) {
        #expect(other.fingerprint() != Self.base.fingerprint())
    }

    @Test func `what was made with an earlier version of this program has not become stale`() {
        #expect(Self.base.fingerprint() == "f32346d65f9370fb")
    }

    @Test func `where the project lies does not matter`() {
        var moved = Self.base
        moved.sources[0].path = "/elsewhere/%F.csv"
        moved.file = "/elsewhere/x.sql"
        #expect(moved.fingerprint() == Self.base.fingerprint())
    }

    @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
    func `the hash is FNV-1a`(text: String, expected: String) {
        var digest = FowlerNollVoDigest()
        digest.add(bytes: text.utf8)
        #expect(digest.description == expected)
    }
}

import Testing

@testable import Lakehouse

struct LogFileNameTests {
    private static let uuid = "6374b053-df23-479b-b2cf-c9c550132b49"

    @Test(arguments: [
        ("00000000000000000007.json", true), ("00000000000000000007.checkpoint.parquet", true),
        ("00000000000000000007.checkpoint.0000000001.0000000002.parquet", true),
        ("00000000000000000007.checkpoint.\(uuid).json", true),
        ("00000000000000000007.checkpoint.\(uuid).parquet", true),
        ("_last_checkpoint", false), ("00000000000000000007.crc", false), ("7.json", false),
        ("00000000000000000003.00000000000000000007.compacted.json", false),
        (".00000000000000000007.json.x.tmp", false), ("99999999999999999999.json", false),
        ("00000000000000000007.checkpoint.0000000003.0000000002.parquet", false),
        ("00000000000000000007.checkpoint.json", false),
    ])
    func `Only entries and checkpoints matter`(name: String, matters: Bool) {
        #expect((LogFileName(name) != nil) == matters)
        #expect(LogFileName.ofEntry(7) == "00000000000000000007.json")
    }

    @Test func `The newest complete checkpoint is taken, and what follows it`() throws {
        let entries = (3...12).map { LogFileName.ofEntry(Int64($0)) }
        let listing = LogListing(
            names: entries + [
                "00000000000000000005.checkpoint.parquet",
                "00000000000000000008.checkpoint.0000000001.0000000002.parquet",
                "00000000000000000008.checkpoint.0000000002.0000000002.parquet",
                "00000000000000000010.checkpoint.0000000002.0000000002.parquet",
            ])
        let plan = try listing.plan()
        #expect(plan.checkpoint.map(\.version) == [8, 8])
        #expect(plan.checkpoint.map(\.number) == [1, 2])
        #expect(plan.entries == 9...12)
        #expect(plan.version == 12)
    }

    @Test func `A checkpoint alone is a table`() throws {
        let plan = try LogListing(names: ["00000000000000000005.checkpoint.\(Self.uuid).json"]).plan()
        #expect(plan.version == 5 && plan.entries == nil)
        // Entries that it stands for are not needed.
        let older = try LogListing(names: ["00000000000000000005.checkpoint.parquet", LogFileName.ofEntry(3)]).plan()
        #expect(older.version == 5 && older.entries == nil)
    }

    @Test func `A gap, a missing beginning and an empty log are told apart`() {
        #expect(throws: LogListing.Flaw.gap([1])) { try LogListing(names: [0, 2].map(LogFileName.ofEntry)).plan() }
        #expect(throws: LogListing.Flaw.headless(first: 4)) {
            try LogListing(names: [4, 5].map(LogFileName.ofEntry)).plan()
        }
        #expect(throws: LogListing.Flaw.gap([6])) {
            try LogListing(names: ["00000000000000000005.checkpoint.parquet", LogFileName.ofEntry(7)]).plan()
        }
        #expect(throws: LogListing.Flaw.empty) { try LogListing(names: ["_last_checkpoint"]).plan() }
    }

    @Test func `A stray name with a huge number does not take for ever`() {
        #expect(throws: LogListing.Flaw.self) {
            try LogListing(names: [0, Int64.max - 1].map(LogFileName.ofEntry)).plan()
        }
    }
}

import Testing

/// Every rule of the audit finds what it is there for.
@Suite struct RoundAuditTests {
    private static let key = "2024-01-01"
    // The first round has the fences 1 to 9, the second one 11 to 19.
    private static let before = attempt(5)
    private static let dead = attempt(12)
    private static let publisher = attempt(15)

    private static func attempt(_ fence: Int) -> AttemptName {
        let digits = String(fence)
        return AttemptName(
            fence: fence, claim: "00000000-0000-0000-0000-" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    /// A second round in which all is well: one worker died, the next one published.
    private static func facts() -> (ledger: LedgerFacts, table: TableFacts) {
        var ledger = LedgerFacts()
        ledger.rows = [
            .init(
                key: key, status: "COMPLETE", fence: publisher.fence, transformVersion: "v2",
                tableVersion: publisher.description, rows: 40)
        ]
        ledger.attempts = [
            .init(name: dead, key: key, outcome: "LOST", predecessor: nil),
            .init(name: publisher, key: key, outcome: "COMPLETE", predecessor: dead.fence),
        ]
        var table = TableFacts()
        table.visible = [key: [publisher]]
        table.published = [key: [before, publisher]]
        table.replaced = [key: [publisher: [before]]]
        return (ledger, table)
    }

    private static func violations(
        before: [String: AttemptName] = [key: before],
        _ change: (inout LedgerFacts, inout TableFacts) -> Void
    ) -> [String] {
        var (ledger, table) = facts()
        change(&ledger, &table)
        return RoundAudit(
            days: [key: .init(rows: 40, sum: 1000)], floor: 10, before: before, ledger: ledger, table: table
        ).violations()
    }

    @Test func `A good round passes`() {
        #expect(Self.violations { _, _ in }.isEmpty)
    }

    @Test func `A good first round passes, which replaces nothing`() {
        #expect(Self.violations(before: [:]) { _, table in table.replaced = [:] }.isEmpty)
    }

    @Test func `An adoption passes: the visible files are the dead attempt's`() {
        let found = Self.violations { ledger, table in
            ledger.attempts[1].outcome = "ADOPTED"
            ledger.rows[0].tableVersion = Self.dead.description
            table.visible = [Self.key: [Self.dead]]
            table.published = [Self.key: [Self.before, Self.dead]]
            table.replaced = [Self.key: [Self.dead: [Self.before]]]
        }
        #expect(found.isEmpty)
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout LedgerFacts, inout TableFacts) -> Void
        var says: String
    }

    @Test(arguments: [
        Case(testDescription: "published twice", change: { $1.published[key]?.insert(dead) }, says: "published by"),
        Case(
            testDescription: "never published", change: { $1.published[key]?.remove(publisher) }, says: "published by"),
        Case(
            testDescription: "replaced twice",
            change: { $1.replaced[key] = [dead: [before], publisher: [dead]] }, says: "replaced were"),
        Case(
            testDescription: "another generation was replaced", change: { $1.replaced[key] = [publisher: [dead]] },
            says: "replaced were"),
        Case(testDescription: "what was replaced is not kept", change: { $1.replaced = [:] }, says: "replaced were"),
        Case(
            testDescription: "two attempts are visible", change: { $1.visible[key]?.insert(dead) }, says: "2 attempts"),
        Case(testDescription: "nothing is visible", change: { $1.visible = [:] }, says: "0 attempts"),
        Case(
            testDescription: "the old files are visible", change: { $1.visible[key] = [before] },
            says: "no attempt of this round"),
        Case(
            testDescription: "a dead attempt is visible", change: { $1.visible[key] = [dead] },
            says: "is COMPLETE, and the files"),
        Case(
            testDescription: "not recorded", change: { ledger, _ in ledger.rows[0].status = "PENDING" },
            says: "says PENDING"),
        Case(testDescription: "no row", change: { ledger, _ in ledger.rows = [] }, says: "0 rows"),
        Case(testDescription: "too few rows", change: { ledger, _ in ledger.rows[0].rows = 39 }, says: "39 rows"),
        Case(
            testDescription: "another version of the table",
            change: { ledger, _ in ledger.rows[0].tableVersion = dead.description }, says: "the files are those of"),
        Case(
            testDescription: "two versions of the transform",
            change: { ledger, _ in
                ledger.rows.append(ledger.rows[0])
                ledger.rows[1].transformVersion = "v1"
            }, says: "several versions"),
        Case(
            testDescription: "two successes", change: { ledger, _ in ledger.attempts[0].outcome = "COMPLETE" },
            says: "2 attempts have succeeded"),
        Case(
            testDescription: "no success", change: { ledger, _ in ledger.attempts[1].outcome = "LOST" },
            says: "0 attempts have succeeded"),
        Case(
            testDescription: "an attempt that still runs",
            change: { ledger, _ in ledger.attempts[0].outcome = "RUNNING" },
            says: "has ended as RUNNING"),
        Case(
            testDescription: "an attempt that gave up", change: { ledger, _ in ledger.attempts[0].outcome = "FAILED" },
            says: "has ended as FAILED"),
        Case(
            testDescription: "another fence in the row", change: { ledger, _ in ledger.rows[0].fence = 17 },
            says: "has fence 17"),
        Case(
            testDescription: "adopted itself",
            change: { ledger, _ in ledger.attempts[1].outcome = "ADOPTED" }, says: "which is not older"),
        Case(
            testDescription: "a day of nobody", change: { $1.visible["2031-01-01"] = [publisher] },
            says: "2031-01-01 is no day"),
        Case(
            testDescription: "batches of what is published", change: { ledger, _ in ledger.batched = [key] },
            says: "the ledger has finished batches"),
        Case(testDescription: "a strange file", change: { $1.strange = ["day=2024-01-01/x"] }, says: "strange"),
    ])
    func `A bad round is found`(example: Case) {
        let found = Self.violations(example.change)
        #expect(found.contains { $0.contains(example.says) }, "\(found)")
    }

    @Test func `A fence that did not grow is found`() {
        let found = Self.violations(before: [Self.key: Self.attempt(99)]) { _, table in
            table.replaced = [Self.key: [Self.publisher: [Self.attempt(99)]]]
        }
        #expect(found.contains { $0.contains("has followed") }, "\(found)")
    }

    @Test func `Names are read as they are written`() throws {
        let text = "00000000000000000012-00000000-0000-0000-0000-000000000012"
        #expect(AttemptName(text + ".published-40-1-500") == Self.dead)
        #expect(AttemptName(file: "part-\(text)-00000.parquet") == Self.dead)
        #expect(Self.dead.description == text)
        #expect(AttemptName("12-x") == nil)
        #expect(AttemptName(file: "\(text).parquet") == nil)
    }
}

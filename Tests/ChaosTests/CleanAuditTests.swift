import Testing

@Suite struct CleanAuditTests {
    private static let key = "2024-01-01"
    private static let (old, visible, adopter) = (attempt(1), attempt(2), attempt(3))

    private static func attempt(_ number: Int) -> AttemptName {
        AttemptName(fence: number, claim: "00000000-0000-0000-0000-00000000000\(number)")
    }

    /// A partition that was adopted, before and after its cleaning.
    private static func violations(_ change: (inout TableFacts) -> Void = { _ in }) -> [String] {
        var before = TableFacts()
        before.visible = [key: [visible]]
        before.published = [key: [old, visible]]
        before.fences = [key: [old, visible, adopter]]
        before.replaced = [key: [visible: [old]]]
        before.staged = ["\(key)/\(old)"]
        before.batches = [key]
        var after = before
        after.published = [key: [visible]]
        after.fences = [key: [visible, adopter]]
        (after.replaced, after.staged, after.batches) = ([:], [], [])
        change(&after)
        return CleanAudit(before: before, after: after).violations()
    }

    @Test func `A good cleaning passes`() {
        #expect(Self.violations().isEmpty)
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout TableFacts) -> Void
        var says: String
    }

    @Test(arguments: [
        Case(testDescription: "a changed table", change: { $0.visible[key] = [old] }, says: "table itself was changed"),
        Case(testDescription: "a floor that sank", change: { $0.fences[key] = [visible] }, says: "the floor was 3"),
        Case(testDescription: "no record", change: { $0.published = [:] }, says: "the record of what readers see"),
        Case(
            testDescription: "another record", change: { $0.published = [key: [old]] },
            says: "the record of what readers"),
        Case(testDescription: "an old fence", change: { $0.fences[key]?.insert(old) }, says: "no fence that is needed"),
        Case(
            testDescription: "a replaced generation", change: { $0.replaced = [key: [visible: [old]]] },
            says: "a replaced generation is left"),
        Case(testDescription: "a staging", change: { $0.staged = ["x"] }, says: "x was staged"),
        Case(testDescription: "batches", change: { $0.batches = [key] }, says: "finished batches are left"),
        Case(testDescription: "something strange", change: { $0.strange = ["x"] }, says: "strange"),
    ])
    func `A bad cleaning is found`(example: Case) {
        let found = Self.violations(example.change)
        #expect(found.contains { $0.contains(example.says) }, "\(found)")
    }
}

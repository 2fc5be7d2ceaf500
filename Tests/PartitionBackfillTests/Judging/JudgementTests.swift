import Partitions
import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

/// What becomes of staged data, without engine, table or ledger.
@Suite struct JudgementTests {
    private func finding(_ severity: Audit.Severity, passed: Bool = false, keys: [String] = []) -> AuditFinding {
        AuditFinding(
            audit: "unique: [id]", severity: severity, hasPassed: passed, count: passed ? 0 : 2,
            message: passed ? "" : "2 keys are not unique.", keys: keys)
    }

    private func judgement(
        rows: Int64 = 3, digest: String? = "1:a",
        previous: Judgement.Previous? = .init(rows: 3, digest: "1:b", isOurs: true)
    ) -> Judgement {
        Judgement(staged: .init(rows: rows, digest: digest), previous: previous)
    }

    @Test func `What differs from what is there, or comes where nothing was, is published`() {
        #expect(judgement().verdict == .publish)
        #expect(judgement(previous: nil).verdict == .publish)
        #expect(judgement(rows: 0, previous: nil).verdict == .publish)
    }

    @Test func `What is there already is unchanged, where it is ours and nobody asks for a rewrite`() {
        let same = Judgement.Previous(rows: 3, digest: "1:a", isOurs: true)
        #expect(judgement(previous: same).verdict == .unchanged)
        #expect(judgement(previous: .init(rows: 3, digest: "1:a", isOurs: false)).verdict == .publish)
        #expect(judgement(digest: nil, previous: .init(rows: 3, digest: nil, isOurs: true)).verdict == .publish)
        #expect(judgement(digest: nil, previous: same).verdict == .publish)
        var rewriting = judgement(previous: same)
        rewriting.rewritesUnchanged = true
        #expect(rewriting.verdict == .publish)
    }

    @Test func `A partition with rows becomes empty only where the job allows it`() {
        var emptying = judgement(rows: 0)
        guard case .hold(let reason) = emptying.verdict else { return #expect(Bool(false), "\(emptying.verdict)") }
        #expect(reason.contains("no rows, but the partition has 3") && reason.contains("allow_empty"))
        emptying.allowsEmpty = true
        #expect(emptying.verdict == .publish)
        #expect(judgement(rows: 0, previous: .init(rows: 0, digest: "1:b", isOurs: true)).verdict == .publish)
    }

    @Test func `Of violated audits the most severe decides`() {
        var audited = judgement()
        audited.findings = [finding(.warn), finding(.fail, passed: true), finding(.hold, passed: true)]
        #expect(audited.verdict == .publish)
        audited.findings.append(finding(.hold, keys: ["id = 1"]))
        #expect(audited.verdict == .hold(reason: "unique: [id]: 2 keys are not unique. For example: id = 1."))
        audited.findings.append(finding(.fail))
        guard case .fail(let error) = audited.verdict else { return #expect(Bool(false), "\(audited.verdict)") }
        #expect(error.findings == [finding(.fail)])
        #expect(error.description.hasPrefix("unique: [id]: 2 keys are not unique.\n"))
    }

    @Test func `What is violated outweighs that it is there already`() {
        let same = Judgement.Previous(rows: 3, digest: "1:a", isOurs: true)
        var judged = judgement(previous: same)
        judged.findings = [finding(.hold)]
        guard case .hold = judged.verdict else { return #expect(Bool(false), "\(judged.verdict)") }
        judged.findings = [finding(.fail)]
        guard case .fail = judged.verdict else { return #expect(Bool(false), "\(judged.verdict)") }
    }

    @Test func `A canary holds what would change the table, and nothing else`() {
        var canary = judgement()
        canary.holdsEverything = true
        #expect(canary.verdict == .hold(reason: Judgement.canary))
        canary = judgement(previous: .init(rows: 3, digest: "1:a", isOurs: true))
        canary.holdsEverything = true
        #expect(canary.verdict == .unchanged)
    }

    @Test func `A violated audit is not tried again`() {
        let directive = RetryPolicy(retries: 5).directive(
            failures: 1, error: AuditError(findings: [finding(.fail)]), random: 0)
        #expect(directive == .giveUp)
    }

    @Test func `A canary is first, last, heaviest and one of each layout`() {
        func candidate(_ day: Int, _ bytes: Int64?, _ schema: String?) -> CanaryChoice.Candidate {
            .init(key: PartitionKey(granularity: .day, ordinal: day), bytes: bytes, schema: schema)
        }
        let candidates = [
            candidate(0, 1, "a"), candidate(1, 1, "b"), candidate(2, 9, "b"), candidate(3, 9, "c"),
            candidate(4, 2, "c"),
            candidate(5, 2, "c"), candidate(6, 3, "d"), candidate(7, 2, "c"),
        ]
        #expect(CanaryChoice(candidates: candidates).keys.map(\.ordinal).sorted() == [0, 2, 6, 7])
        #expect(CanaryChoice(candidates: []).keys.isEmpty)
        let unknown = (0..<5).map { candidate($0, nil, nil) }
        #expect(CanaryChoice(candidates: unknown).keys.map(\.ordinal).sorted() == [0, 4])
    }

    @Test func `Identities of different schemes cannot be compared`() {
        #expect(SourceComparison.differ("1:a", "1:b"))
        #expect(!SourceComparison.differ("1:a", "1:a"))
        #expect(!SourceComparison.differ("1:a", "2:b"))
    }
}

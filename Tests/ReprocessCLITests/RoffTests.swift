import Testing

@testable import ReprocessCLI

@Suite struct RoffTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\\nb", "a\\enb"), (".TH", "\\&.TH"), ("'x'", "\\&\\(aqx\\(aq"), ("--from", "\\-\\-from"),
        ("a \"b\"", "a \\(dqb\\(dq"), ("…", "\\[u2026]"), ("é", "\\[u00E9]"), ("x\n.y", "x\n\\&.y"),
        ("`~^`", "\\(ga\\(ti\\(ha\\(ga"),
    ])
    func `Nothing in a text is read as a request`(text: String, roff: String) {
        #expect(Roff.text(text) == roff)
    }
}

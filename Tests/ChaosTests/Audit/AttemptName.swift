/// An attempt as names on the disk have it: the fence in twenty digits, and the claim id.
///
/// Read here by the words of docs/publish-protocol.md, not by the code that writes them.
struct AttemptName: Hashable, CustomStringConvertible {
    let fence: Int
    let claim: String

    /// Reads `<fence>-<claim id>` at the beginning of a text; nil where there is none.
    init?(_ text: some StringProtocol) {
        guard let match = String(text).prefixMatch(of: /(\d{20})-([0-9a-f-]{36})/), let fence = Int(match.1) else {
            return nil
        }
        (self.fence, claim) = (fence, String(match.2))
    }

    init(fence: Int, claim: String) { (self.fence, self.claim) = (fence, claim) }

    /// Reads the name of a published file.
    init?(file: String) {
        guard file.hasPrefix("part-"), file.hasSuffix(".parquet") else { return nil }
        self.init(file.dropFirst("part-".count))
    }

    var description: String {
        let digits = String(fence)
        return String(repeating: "0", count: 20 - digits.count) + digits + "-" + claim
    }
}

/// The list of functions of the same name that DuckDB adds where none of them takes the arguments: for `+` it has more than
/// thirty lines, and the first few say how they look.
enum CandidateList {
    private static let shown = 3

    /// The message with the first candidates only, and how many more there are.
    static func shortened(_ message: String) -> String {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        guard let title = lines.firstIndex(where: { $0.drop(while: \.isWhitespace) == "Candidate functions:" }) else {
            return message
        }
        let candidates = lines[(title + 1)...].prefix { $0.first == "\t" }
        guard candidates.count > shown else { return message }
        let rest = lines[candidates.endIndex...]
        let more: [Substring] = ["\tand \(candidates.count - shown) more"]
        return (lines[...title] + candidates.prefix(shown) + more + rest).joined(separator: "\n")
    }
}

/// Finds what somebody meant who mistyped a word.
enum Suggestion {
    /// The closest of the known words, where one is close enough to be meant.
    static func closest(to word: String, among known: some Sequence<String>) -> String? {
        let lowercased = word.lowercased()
        return
            known
            .map { (word: $0, distance: distance(lowercased, $0.lowercased())) }
            .filter {
                $0.distance <= limit(word, $0.word) || ($0.word.lowercased().hasPrefix(lowercased) && word.count >= 3)
            }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?
            .word
    }

    /// The number of slips that leave half of the shorter word as it was.
    private static func limit(_ word: String, _ known: String) -> Int {
        max(1, min(3, min(word.count, known.count) / 2))
    }

    /// " Did you mean 'x'?", or nothing.
    static func question(for word: String, among known: some Sequence<String>, prefix: String = "") -> String {
        closest(to: word, among: known).map { " Did you mean '\(prefix)\($0)'?" } ?? ""
    }

    /// The number of letters inserted, removed, replaced, or swapped with their neighbour that lead from one word to
    /// the other (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left)
        let right = Array(right)
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(
                    previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}

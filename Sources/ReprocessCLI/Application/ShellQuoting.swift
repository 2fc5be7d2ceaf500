/// Words as a POSIX shell reads them back.
enum ShellQuoting {
    /// The word, in single quotes where the shell would read anything into it (POSIX.1-2017, Shell, 2.2.2).
    static func quote(_ word: String) -> String {
        let isHarmless = !word.isEmpty && word.unicodeScalars.allSatisfy { harmless.contains($0) }
        return isHarmless
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A command line to paste.
    static func line(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    private static let harmless = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+".unicodeScalars)
}

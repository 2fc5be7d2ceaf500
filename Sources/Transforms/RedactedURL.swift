/// Takes secrets out of addresses within a message.
enum RedactedURL {
    /// Removes user names, passwords and query strings: presigned addresses carry a signature there.
    static func removingSecrets(from message: String) -> String {
        guard message.contains("://") else { return message }
        return message.split(separator: " ", omittingEmptySubsequences: false).map(removingSecrets).joined(
            separator: " ")
    }

    private static func removingSecrets(_ word: Substring) -> Substring {
        guard let scheme = word.firstRange(of: "://") else { return word }
        let authority = word[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let host = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
        let rest = word[host...]
        let path = rest.prefix { $0 != "?" }
        let ending = rest.dropFirst(path.count).isEmpty ? "" : "?" + Redaction.mask
        return word[..<scheme.upperBound] + path + ending
    }
}

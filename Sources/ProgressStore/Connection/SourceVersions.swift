internal import Foundation

/// The versions of the tables that an attempt read, as the ledger has them: a JSON object with a number for each path.
enum SourceVersions {
    /// The versions as JSON; nil where no table was read.
    static func json(_ versions: [String: Int64]) -> String? {
        guard !versions.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(versions)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads what `json` has written; what somebody else put there, for people to read, tells nothing.
    static func read(_ json: String?) -> [String: Int64] {
        guard let json else { return [:] }
        return (try? JSONDecoder().decode([String: Int64].self, from: Data(json.utf8))) ?? [:]
    }
}

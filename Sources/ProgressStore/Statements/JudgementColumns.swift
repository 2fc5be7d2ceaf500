internal import Foundation

/// The nine arrays by which statements name judgements: one element for each attempt that has one.
struct JudgementColumns: Sendable {
    let parameters: [String?]

    init(_ judged: [(fence: Int64, record: JudgementRecord?)]) {
        let judged = judged.compactMap { pair in pair.record.map { (fence: pair.fence, record: $0) } }
        let records = judged.map(\.record)
        parameters = [
            ArrayText.plain(judged.map(\.fence)), ArrayText.texts(records.map { JSONText.plain($0.contentDigest) }),
            ArrayText.texts(records.map { JSONText.storable($0.statistics) }),
            ArrayText.texts(records.map { JSONText.plain($0.replacedVersion) }),
            ArrayText.plain(records.map(\.replacedRows)), ArrayText.plain(records.map(\.replacedBytes)),
            ArrayText.texts(records.map { JSONText.plain($0.replacedDigest) }),
            ArrayText.texts(records.map { JSONText.storable($0.replacedStatistics) }),
            ArrayText.texts(records.map { JSONText.storable($0.findings) }),
        ]
    }
}

/// Texts as the server can store them: it knows no NUL, neither in a text nor written as an escape in JSON.
enum JSONText {
    /// What stands where a NUL was.
    private static let substitute = "\u{FFFD}"

    /// JSON without NUL characters.
    ///
    /// `\u0000` is an escape only where its backslash is not escaped itself.
    static func storable(_ json: String?) -> String? {
        guard let json else { return nil }
        guard hasNUL(json) else { return json }
        var output: [UInt8] = []
        let bytes = Array(json.utf8)
        output.reserveCapacity(bytes.count)
        let escape = Array("\\u0000".utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0 {
                output.append(contentsOf: substitute.utf8)
                index += 1
            } else if bytes[index] == UInt8(ascii: "\\") {
                if bytes[index...].starts(with: escape) {
                    output.append(contentsOf: substitute.utf8)
                    index += escape.count
                } else {
                    // Both characters of an escape at once, so that the second does not begin one.
                    output.append(contentsOf: bytes[index..<min(index + 2, bytes.count)])
                    index += 2
                }
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether there may be a NUL, as a byte or as an escape.
    private static func hasNUL(_ json: String) -> Bool {
        var zeros = 0
        for byte in json.utf8 {
            if byte == 0 { return true }
            // Four zeros in a row are rare: only then it is worth the time to search for a text.
            zeros = byte == UInt8(ascii: "0") ? zeros + 1 : 0
            if zeros == 4 { return json.contains("\\u0000") || json.utf8.contains(0) }
        }
        return false
    }

    /// A text without NUL characters.
    static func plain(_ text: String?) -> String? {
        text.map { $0.utf8.contains(0) ? $0.replacingOccurrences(of: "\0", with: substitute) : $0 }
    }
}

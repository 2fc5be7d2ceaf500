/// Texts as they stand in HTML (WHATWG HTML, section 13.1.4 and 13.1.2.3).
enum HTMLText {
    /// A text that stands for itself, between tags as well as in an attribute with quotes.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // No HTML document may contain these.
            case _ where scalar.value < 0x20 && !["\n", "\t"].contains(scalar): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20
            || [UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'")]
                .contains(byte)
    }

    /// An element with what is within it, which is HTML already.
    static func element(_ name: String, _ attributes: String, _ inner: String) -> String {
        "<\(name)\(attributes.isEmpty ? "" : " \(attributes)")>\(inner)</\(name)>"
    }
}

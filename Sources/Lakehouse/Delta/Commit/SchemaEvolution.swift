internal import Foundation

/// How staged columns may differ from a table's.
struct SchemaAllowance: Hashable {
    /// The files may have columns that the table does not have.
    var addsColumns = false
    /// Columns of the table that the files may lack.
    var missing: Set<String> = []
}

/// The columns that staged files add to a table.
struct SchemaEvolution: Hashable {
    /// The columns that are added, in the order of the files; all of them may be null.
    let added: [DeltaField]
    /// What speaks against it; nothing where it can be done.
    let sentences: [String]

    /// Compares files with a table.
    ///
    /// - Parameters:
    ///   - staged: The columns of each file.
    ///   - table: The table's columns.
    ///   - features: What the table's protocol lists both for readers and for writers.
    init(staged: [DeltaSchema], table: DeltaSchema, features: Set<String>) {
        let known = Set(table.fields.map { $0.name.lowercased() })
        var added: [DeltaField] = []
        var sentences: [String] = []
        for field in staged.flatMap(\.fields) where !known.contains(field.name.lowercased()) {
            guard let earlier = added.first(where: { $0.name.lowercased() == field.name.lowercased() }) else {
                added.append(field)
                continue
            }
            if earlier.name != field.name {
                sentences.append("\(field.name) is spelled \(earlier.name) in another file")
            } else if earlier.type != field.type {
                sentences.append(
                    "\(field.name) is \(field.type.name), and \(earlier.type.name) in another file of the result")
            }
        }
        if !features.contains("timestampNtz") {
            // Old readers do not have the type: to turn it on would shut them out.
            for field in added where field.type.primitives.contains("timestamp_ntz") {
                sentences.append(
                    "\(field.name) is \(field.type.name), for which the table would need the feature timestampNtz: cast it "
                        + "to TIMESTAMPTZ or DATE, or turn the feature on")
            }
        }
        self.added = added
        self.sentences = sentences
    }
}

/// A table's schema as the text in its metadata.
enum SchemaText {
    /// The text with columns behind those that it has, which stay as they are written, to the letter.
    ///
    /// - Returns: Nil where the text is no schema.
    static func appending(_ fields: [DeltaField], to text: String) throws -> String? {
        guard let end = endOfFields(in: Array(text.utf8)) else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let list = String(decoding: try encoder.encode(fields), as: UTF8.self).dropFirst().dropLast()
        let (bytes, separator) = (Array(text.utf8), end.isEmpty ? "" : ",")
        return String(decoding: bytes[..<end.place], as: UTF8.self) + separator + list
            + String(decoding: bytes[end.place...], as: UTF8.self)
    }

    /// Where the list of the outermost struct's fields ends, and whether it has none.
    private static func endOfFields(in bytes: [UInt8]) -> (place: Int, isEmpty: Bool)? {
        var depth = 0
        var lastString: ArraySlice<UInt8> = []
        var isAwaited = false
        var start: Int?
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard let end = endOfString(from: place, in: bytes) else { return nil }
                lastString = bytes[(place + 1)..<end]
                place = end
            case UInt8(ascii: ":"):
                isAwaited = depth == 1 && lastString.elementsEqual("fields".utf8)
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "["):
                depth += 1
                if isAwaited, depth == 2, start == nil { start = place }
                isAwaited = false
            case UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "]"):
                if depth == 2, let start {
                    let isEmpty = bytes[(start + 1)..<place].allSatisfy { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
                    return (place, isEmpty)
                }
                depth -= 1
            default: break
            }
            place += 1
        }
        return nil
    }

    private static func endOfString(from start: Int, in bytes: [UInt8]) -> Int? {
        var place = start + 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return place < bytes.count ? place : nil
    }
}

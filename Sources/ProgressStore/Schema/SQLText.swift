/// Turns a file of `sql/` into text for the server.
///
/// In the files the schema is called `reprocess`. This is the one place where another name comes in, and nothing but
/// a checked and quoted identifier is ever put into SQL: values go as parameters.
enum SQLText {
    /// The text with the schema's name in place of each word `reprocess` that stands alone.
    static func rendered(_ source: [UInt8], schema: SchemaName) -> String {
        String(decoding: bytes(source, schema: schema), as: UTF8.self)
    }

    /// The text of a statement, without the lines that are comments alone: it travels with each execution.
    static func statement(_ source: [UInt8], schema: SchemaName) -> String {
        let lines = bytes(source, schema: schema).split(separator: newline)
            .filter { !$0.drop { $0 == UInt8(ascii: " ") }.starts(with: "--".utf8) }
        return String(decoding: Array(lines.joined(separator: [newline])), as: UTF8.self)
    }

    private static let newline = UInt8(ascii: "\n")

    // Byte by byte: a run begins with a dozen statements, of which the longest has ten thousand.
    private static func bytes(_ source: [UInt8], schema: SchemaName) -> [UInt8] {
        let (word, name) = (Array("reprocess".utf8), Array(schema.quoted.utf8))
        var output: [UInt8] = []
        output.reserveCapacity(source.count + 256)
        var index = 0
        while index < source.count {
            let end = index + word.count
            if source[index] == word[0], source[index...].starts(with: word),
                index == 0 || !SchemaName.isWord(source[index - 1]),
                end >= source.count || !SchemaName.isWord(source[end])
            {
                output.append(contentsOf: name)
                index = end
            } else {
                output.append(source[index])
                index += 1
            }
        }
        return output
    }
}

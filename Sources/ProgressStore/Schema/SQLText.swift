/// Turns a file of `sql/` into text for the server.
///
/// In the files the schema is called `reprocess`. This is the one place where another name comes in, and nothing but
/// a checked and quoted identifier is ever put into SQL: values go as parameters.
enum SQLText {
    /// The text with the schema's name in place of each word `reprocess` that stands alone.
    static func rendered(_ source: [UInt8], schema: SchemaName) -> String {
        let word = Array("reprocess".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(source.count + 256)
        var index = 0
        while index < source.count {
            let end = index + word.count
            let startsWord = index == 0 || !SchemaName.isWord(source[index - 1])
            let endsWord = end >= source.count || !SchemaName.isWord(source[end])
            if startsWord, endsWord, source[index...].starts(with: word) {
                output.append(contentsOf: schema.quoted.utf8)
                index = end
            } else {
                output.append(source[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text of a statement, without the lines that are comments alone: it travels with each execution.
    static func statement(_ source: [UInt8], schema: SchemaName) -> String {
        rendered(source, schema: schema)
            .split(separator: "\n")
            .filter { !$0.drop(while: { $0 == " " }).hasPrefix("--") }
            .joined(separator: "\n")
    }
}

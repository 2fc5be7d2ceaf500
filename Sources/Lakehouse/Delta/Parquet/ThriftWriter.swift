/// Writes values of Thrift's compact protocol, in which the footers of Parquet files are written.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    /// The number of the last field of each structure that is open.
    private var last: [Int] = [0]

    /// Writes a whole number of 32 bits as a field; readers skip a field of another width.
    mutating func field(_ id: Int, _ value: Int) {
        head(id, 5)
        integer(value)
    }

    /// Writes a whole number of 64 bits as a field.
    mutating func wide(_ id: Int, _ value: Int) {
        head(id, 6)
        integer(value)
    }

    /// Writes a text as a field.
    mutating func field(_ id: Int, _ text: String) {
        head(id, 8)
        binary(text)
    }

    /// Writes a structure as a field.
    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        head(id, 12)
        element(body)
    }

    /// Writes a list of structures as a field.
    mutating func list<Value>(_ id: Int, _ values: [Value], _ body: (inout ThriftWriter, Value) -> Void) {
        listHead(id, values.count, 12)
        for value in values { element { body(&$0, value) } }
    }

    /// Writes a list of whole numbers as a field.
    mutating func list(_ id: Int, _ numbers: [Int]) {
        listHead(id, numbers.count, 5)
        for number in numbers { integer(number) }
    }

    /// Writes a list of texts as a field.
    mutating func list(_ id: Int, _ texts: [String]) {
        listHead(id, texts.count, 8)
        for text in texts { binary(text) }
    }

    /// Ends the outermost structure.
    mutating func end() { bytes.append(0) }

    private mutating func element(_ body: (inout ThriftWriter) -> Void) {
        last.append(0)
        body(&self)
        last.removeLast()
        bytes.append(0)
    }

    private mutating func head(_ id: Int, _ kind: UInt8) {
        let step = id - last[last.count - 1]
        last[last.count - 1] = id
        if (1...15).contains(step) {
            bytes.append(UInt8(step) << 4 | kind)
        } else {
            bytes.append(kind)
            integer(id)
        }
    }

    private mutating func listHead(_ id: Int, _ count: Int, _ kind: UInt8) {
        head(id, 9)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | kind)
        } else {
            bytes.append(0xf0 | kind)
            unsigned(UInt64(count))
        }
    }

    private mutating func binary(_ text: String) {
        unsigned(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    private mutating func integer(_ value: Int) {
        unsigned(UInt64(bitPattern: Int64(value << 1 ^ value >> (Int.bitWidth - 1))))
    }

    private mutating func unsigned(_ value: UInt64) { bytes.appendVariableLength(value) }
}

extension [UInt8] {
    /// Appends a number in groups of seven bits, the lowest first.
    mutating func appendVariableLength(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Appends the lowest bytes of a number, the lowest first.
    mutating func appendLittleEndian(_ value: Int64, bytes: Int) {
        for index in 0..<bytes { append(UInt8(truncatingIfNeeded: value >> (8 * Int64(index)))) }
    }
}

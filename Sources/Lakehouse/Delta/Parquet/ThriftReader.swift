/// Reads values of Thrift's compact protocol, in which the footers of Parquet files are written.
struct ThriftReader {
    /// What is there is no such value, or is cut off.
    struct Malformed: Error {}

    /// The types that the protocol tells apart.
    enum Kind: UInt8 {
        case isTrue = 1, isFalse, byte, short, integer, long, double, binary, list, set, map, structure, uuid
    }

    private let bytes: [UInt8]
    /// Where the next value begins.
    private(set) var position: Int

    /// Deeper than any footer; a damaged one must not use up the stack.
    private static let deepest = 32

    /// Reads from a position on.
    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Reads a structure: the closure reads the value of each field that it knows and returns true, or returns false.
    mutating func structure(
        _ field: (inout ThriftReader, _ id: Int, _ kind: Kind) throws(Malformed) -> Bool
    ) throws(Malformed) {
        var id = 0
        while true {
            let head = try next()
            if head == 0 { return }
            guard let kind = Kind(rawValue: head & 0x0f) else { throw Malformed() }
            id = head >> 4 == 0 ? Int(try integer()) : id &+ Int(head >> 4)
            if try !field(&self, id, kind) { try skip(kind, depth: 0) }
        }
    }

    /// Goes to the value of a field of the structure that begins here; nil where it has no such field.
    mutating func goTo(field wanted: Int) throws(Malformed) -> Kind? {
        var id = 0
        while true {
            let head = try next()
            if head == 0 { return nil }
            guard let kind = Kind(rawValue: head & 0x0f) else { throw Malformed() }
            id = head >> 4 == 0 ? Int(try integer()) : id &+ Int(head >> 4)
            if id == wanted { return kind }
            try skip(kind, depth: 0)
        }
    }

    /// Reads a list: the closure reads each element.
    mutating func list(_ element: (inout ThriftReader) throws(Malformed) -> Void) throws(Malformed) {
        for _ in 0..<(try listHead().count) { try element(&self) }
    }

    /// Reads a whole number of any width.
    mutating func integer() throws(Malformed) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads bytes, or the UTF-8 of a text.
    mutating func binary() throws(Malformed) -> ArraySlice<UInt8> {
        let length = try unsigned()
        guard length <= UInt64(bytes.count - position) else { throw Malformed() }
        let data = position..<position + Int(length)
        position = data.upperBound
        return bytes[data]
    }

    /// Reads a text.
    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try binary(), as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// Reads a structure whatever its fields are: their values by their numbers.
    mutating func fields() throws(Malformed) -> ThriftFields { try fields(depth: 0) }

    private mutating func fields(depth: Int) throws(Malformed) -> ThriftFields {
        guard depth < ThriftReader.deepest else { throw Malformed() }
        var values: [Int: ThriftValue] = [:]
        var id = 0
        while true {
            let head = try next()
            if head == 0 { return ThriftFields(values: values) }
            guard let kind = Kind(rawValue: head & 0x0f) else { throw Malformed() }
            id = head >> 4 == 0 ? Int(try integer()) : id &+ Int(head >> 4)
            values[id] = try value(kind, depth: depth)
        }
    }

    private mutating func value(_ kind: Kind, depth: Int) throws(Malformed) -> ThriftValue? {
        switch kind {
        case .short, .integer, .long: return .integer(Int(try integer()))
        case .binary: return .bytes(try binary())
        case .structure: return .structure(try fields(depth: depth + 1))
        case .list:
            let (kind, count) = try listHead()
            guard [.short, .integer, .long, .binary, .structure].contains(kind) else {
                for _ in 0..<count { try skipElement(kind, depth: depth + 1) }
                return nil
            }
            var values: [ThriftValue] = []
            for _ in 0..<count { if let value = try value(kind, depth: depth + 1) { values.append(value) } }
            return .list(values)
        default:
            try skip(kind, depth: depth)
            return nil
        }
    }

    private mutating func next() throws(Malformed) -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func unsigned() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try next()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed()
    }

    private mutating func listHead() throws(Malformed) -> (kind: Kind, count: UInt64) {
        let head = try next()
        guard let kind = Kind(rawValue: head & 0x0f) else { throw Malformed() }
        let count = head >> 4 == 15 ? try unsigned() : UInt64(head >> 4)
        // No element is shorter than a byte.
        guard count <= UInt64(bytes.count - position) else { throw Malformed() }
        return (kind, count)
    }

    private mutating func skip(_ kind: Kind, depth: Int) throws(Malformed) {
        guard depth < ThriftReader.deepest else { throw Malformed() }
        switch kind {
        case .isTrue, .isFalse: break
        case .byte: _ = try next()
        case .short, .integer, .long: _ = try unsigned()
        case .double: try skip(bytes: 8)
        case .uuid: try skip(bytes: 16)
        case .binary: _ = try binary()
        case .list, .set:
            let (kind, count) = try listHead()
            for _ in 0..<count { try skipElement(kind, depth: depth + 1) }
        case .map:
            let count = try unsigned()
            guard count > 0 else { return }
            let kinds = try next()
            guard count <= UInt64(bytes.count), let key = Kind(rawValue: kinds >> 4),
                let value = Kind(rawValue: kinds & 0x0f)
            else { throw Malformed() }
            for _ in 0..<count {
                try skipElement(key, depth: depth + 1)
                try skipElement(value, depth: depth + 1)
            }
        case .structure:
            while true {
                let head = try next()
                if head == 0 { return }
                guard let kind = Kind(rawValue: head & 0x0f) else { throw Malformed() }
                if head >> 4 == 0 { _ = try unsigned() }
                try skip(kind, depth: depth + 1)
            }
        }
    }

    /// In a collection a boolean is a byte; as a field it is in the head.
    private mutating func skipElement(_ kind: Kind, depth: Int) throws(Malformed) {
        if kind == .isTrue || kind == .isFalse { _ = try next() } else { try skip(kind, depth: depth) }
    }

    private mutating func skip(bytes count: Int) throws(Malformed) {
        guard bytes.count - position >= count else { throw Malformed() }
        position += count
    }
}

/// A value of Thrift's compact protocol, of the kinds that footers need.
indirect enum ThriftValue {
    case integer(Int)
    case bytes(ArraySlice<UInt8>)
    case list([ThriftValue])
    case structure(ThriftFields)
}

/// The fields of a structure by their numbers.
struct ThriftFields {
    let values: [Int: ThriftValue]

    func integer(_ id: Int) -> Int? { if case .integer(let value) = values[id] { value } else { nil } }

    func text(_ id: Int) -> String? {
        if case .bytes(let bytes) = values[id] { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    func structure(_ id: Int) -> ThriftFields? {
        if case .structure(let fields) = values[id] { fields } else { nil }
    }

    func structures(_ id: Int) -> [ThriftFields] {
        guard case .list(let values) = values[id] else { return [] }
        return values.compactMap { if case .structure(let fields) = $0 { fields } else { nil } }
    }

    func texts(_ id: Int) -> [String] {
        guard case .list(let values) = values[id] else { return [] }
        return values.compactMap { value in
            if case .bytes(let bytes) = value { String(validating: bytes, as: UTF8.self) } else { nil }
        }
    }
}

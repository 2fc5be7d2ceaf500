/// A value of a column, in the order of its type.
enum FooterValue: Hashable, Comparable {
    case integer(Int128)
    case number(Double)
    case text([UInt8])

    static func < (left: FooterValue, right: FooterValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        default: false
        }
    }
}

/// How the values of a column lie in a footer, and how they are told.
struct FooterForm: Hashable {
    /// Of text, as many characters are told as of rows that are measured.
    private static let greatestLength = 64

    private enum Kind: Hashable {
        case boolean, integer, float, double, text, date, moment, instant
        case decimal(precision: Int, scale: Int)
    }

    private let kind: Kind
    /// The type, as SQL spells it.
    let sqlName: String
    /// Bytes of a whole number; nil where its most significant byte comes first, in as many as there are.
    private let width: Int?

    var isFloating: Bool { kind == .float || kind == .double }

    /// The form of a column that is not nested; nil where it is not known here.
    init?(_ element: PlainColumn) {
        let widths = [Int64(PlainColumn.Physical.int32): 4, Int64(PlainColumn.Physical.int64): 8]
        width = widths[element.physicalType ?? -1]
        if let decimal = element.wideDecimal {
            kind = .decimal(precision: decimal.precision, scale: decimal.scale)
            sqlName = "DECIMAL(\(decimal.precision),\(decimal.scale))"
            return
        }
        guard let type = element.deltaType ?? (element.isPlainMoment ? "timestamp_ntz" : nil),
            let name = DeltaType.primitive(type).sqlName
        else { return nil }
        sqlName = name
        switch type {
        case "boolean": kind = .boolean
        case "byte", "short", "integer", "long": kind = .integer
        case "float": kind = .float
        case "double": kind = .double
        case "string": kind = .text
        case "date": kind = .date
        case "timestamp": kind = .instant
        case "timestamp_ntz": kind = .moment
        default: kind = .decimal(precision: element.precision, scale: element.scale)
        }
    }

    /// Reads a value; nil where the bytes are none.
    func value(_ bytes: ArraySlice<UInt8>) -> FooterValue? {
        switch kind {
        case .boolean: bytes.count == 1 ? .integer(bytes.first == 1 ? 1 : 0) : nil
        case .text: .text(Array(bytes))
        case .float:
            PlainColumn.integer(bytes, 4).flatMap { number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0)))) }
        case .double: PlainColumn.integer(bytes, 8).flatMap { number(Double(bitPattern: UInt64(bitPattern: $0))) }
        case .integer, .date, .moment, .instant, .decimal: integer(bytes).map { .integer($0) }
        }
    }

    /// There is one zero, whatever sign a writer has given it.
    private func number(_ value: Double) -> FooterValue? { value.isNaN ? nil : .number(value == 0 ? 0 : value) }

    private func integer(_ bytes: ArraySlice<UInt8>) -> Int128? {
        if let width { return PlainColumn.integer(bytes, width).map { Int128($0) } }
        guard let first = bytes.first, bytes.count <= 16 else { return nil }
        return bytes.dropFirst().reduce(Int128(Int8(bitPattern: first))) { $0 << 8 | Int128($1) }
    }

    /// The value as measuring tells it; nil where that has rules of its own.
    func text(_ value: FooterValue) -> String? {
        switch value {
        case .number(let value): kind == .float ? Float(value).description : value.description
        case .text(let bytes):
            String(validating: bytes, as: UTF8.self).map {
                String(String.UnicodeScalarView($0.unicodeScalars.prefix(FooterForm.greatestLength)))
            }
        case .integer(let value): text(value)
        }
    }

    private func text(_ value: Int128) -> String? {
        switch kind {
        case .boolean: value == 0 ? "false" : "true"
        case .date: PlainColumn.date(Int64(truncatingIfNeeded: value))
        case .moment: PlainColumn.time(Int64(truncatingIfNeeded: value))
        case .instant: PlainColumn.time(Int64(truncatingIfNeeded: value)).map { $0 + "+00" }
        case .decimal(_, let scale): FooterForm.decimal(value, scale: scale)
        default: String(value)
        }
    }

    private static func decimal(_ value: Int128, scale: Int) -> String {
        guard scale > 0 else { return String(value) }
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}

extension PlainColumn {
    /// A list without the usual groups around it.
    var isRepeated: Bool { repetition == 2 }

    /// A time without a zone, by writers that leave the older name of the type out, which would mean UTC.
    var isPlainMoment: Bool {
        physicalType == Int64(Physical.int64) && convertedType == nil && hasMicroseconds && !isUTC && !isRepeated
    }

    /// A decimal that lies in bytes; nil for anything else.
    var wideDecimal: (precision: Int, scale: Int)? {
        guard physicalType == Int64(Physical.fixedBytes) || physicalType == Int64(Physical.bytes), convertedType == 5,
            (1...38).contains(precision), (0...precision).contains(scale)
        else { return nil }
        return (precision, scale)
    }
}

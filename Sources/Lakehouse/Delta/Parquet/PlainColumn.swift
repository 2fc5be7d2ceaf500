internal import Partitions

/// A column of a Parquet file that is not within another, as the footer's schema has it.
struct PlainColumn {
    private(set) var name = ""
    private(set) var children = 0
    private(set) var physicalType: Int64?
    private(set) var repetition: Int64 = 0
    private(set) var convertedType: Int64?
    private(set) var scale = 0
    private(set) var precision = 0
    private(set) var hasLogicalType = false
    private(set) var isUTC = false
    private(set) var hasMicroseconds = false

    /// Reads a SchemaElement.
    init(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            switch id {
            case 1: physicalType = try reader.integer()
            case 3: repetition = try reader.integer()
            case 4: name = try reader.text()
            case 5: children = Int(try reader.integer())
            case 6: convertedType = try reader.integer()
            case 7: scale = Int(try reader.integer())
            case 8: precision = Int(try reader.integer())
            case 10:
                hasLogicalType = true
                try readLogicalType(&reader)
            default: return false
            }
            return true
        }
    }

    /// Of LogicalType, a union, only TIMESTAMP says more than the older `convertedType`: whether it is in UTC.
    private mutating func readLogicalType(_ reader: inout ThriftReader) throws(ThriftReader.Malformed) {
        try reader.structure { (reader, id, _) throws(ThriftReader.Malformed) in
            guard id == 8 else { return false }
            try reader.structure { (reader, id, kind) throws(ThriftReader.Malformed) in
                if id == 1 { isUTC = kind == .isTrue }
                guard id == 2 else { return false }
                try reader.structure { (_, id, _) in
                    hasMicroseconds = id == 2
                    return false
                }
                return true
            }
            return true
        }
    }

    enum Physical { static let (boolean, int32, int64, float, double, bytes, fixedBytes) = (0, 1, 2, 4, 5, 6, 7) }

    /// The Delta type of what DuckDB reads from the column; nil where DuckDB must be asked.
    var deltaType: String? {
        // 2 is repeated: a list without the usual groups around it.
        guard children == 0, repetition != 2, let physicalType else { return nil }
        // A type that has no older name, such as a time in nanoseconds.
        if convertedType == nil && hasLogicalType { return nil }
        return switch (Int(physicalType), convertedType.map(Int.init)) {
        case (Physical.boolean, nil): "boolean"
        case (Physical.int32, nil), (Physical.int32, 17): "integer"
        case (Physical.int32, 15): "byte"
        case (Physical.int32, 16): "short"
        case (Physical.int32, 6): "date"
        case (Physical.int64, nil), (Physical.int64, 18): "long"
        case (Physical.int64, 10) where hasMicroseconds: isUTC ? "timestamp" : "timestamp_ntz"
        case (Physical.int32, 5), (Physical.int64, 5):
            (1...18).contains(precision) && (0...precision).contains(scale) ? "decimal(\(precision),\(scale))" : nil
        case (Physical.float, nil): "float"
        case (Physical.double, nil): "double"
        case (Physical.bytes, 0): "string"
        default: nil
        }
    }

    /// What a row group says of the column, in DuckDB's spelling; nil where DuckDB must be asked.
    func chunk(_ bytes: ChunkBytes) -> ColumnChunk? {
        var texts: [String?] = []
        for value in [bytes.minimum, bytes.maximum] {
            guard let value else {
                texts.append(nil)
                continue
            }
            guard let text = text(of: value) else { return nil }
            texts.append(text)
        }
        return ColumnChunk(
            column: name, minimum: texts[0], maximum: texts[1], nulls: bytes.nulls, values: bytes.values,
            isExact: bytes.isExact)
    }

    private func text(of bytes: ArraySlice<UInt8>) -> String? {
        switch deltaType {
        case "boolean": bytes.count == 1 ? String(bytes.first == 1) : nil
        case "string": String(validating: bytes, as: UTF8.self)
        case "float":
            PlainColumn.finite(PlainColumn.integer(bytes, 4).map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
        case "double":
            PlainColumn.finite(PlainColumn.integer(bytes, 8).map { Double(bitPattern: UInt64(bitPattern: $0)) })
        case "date": integer(bytes).flatMap(PlainColumn.date)
        case "timestamp": integer(bytes).flatMap { PlainColumn.time($0).map { $0 + "+00" } }
        case "timestamp_ntz": integer(bytes).flatMap(PlainColumn.time)
        case let type?: type.hasPrefix("decimal(") ? integer(bytes).map(decimal) : integer(bytes).map { String($0) }
        case nil: nil
        }
    }

    /// DuckDB gives no extremes where one is infinite or NaN, by rules of its own.
    private static func finite(_ value: (some BinaryFloatingPoint & LosslessStringConvertible)?) -> String? {
        value.flatMap { $0.isFinite ? String($0) : nil }
    }

    private func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
        PlainColumn.integer(bytes, physicalType.map(Int.init) == Physical.int32 ? 4 : 8)
    }

    /// A number with its sign, its least byte first.
    static func integer(_ bytes: ArraySlice<UInt8>, _ width: Int) -> Int64? {
        guard bytes.count == width else { return nil }
        let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    private func decimal(_ unscaled: Int64) -> String {
        guard scale > 0 else { return String(unscaled) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return (unscaled < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    /// The years that are spelled with four digits; of others DuckDB is asked.
    private static let plainDays = Int64(-719_162)..<2_932_897

    static func date(_ days: Int64) -> String? {
        plainDays.contains(days) ? PartitionKeyText.day(Int(days)) : nil
    }

    static func time(_ microseconds: Int64) -> String? {
        let seconds = microseconds.flooredDivision(by: 1_000_000)
        let days = seconds.flooredDivision(by: 86_400)
        guard let date = date(days) else { return nil }
        let (second, fraction) = (seconds - days * 86_400, microseconds - seconds * 1_000_000)
        func digits(_ number: Int64, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let clock = "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        guard fraction > 0 else { return "\(date) \(clock)" }
        var decimals = digits(fraction, 6)
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(date) \(clock).\(decimals)"
    }
}

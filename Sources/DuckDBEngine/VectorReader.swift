internal import CDuckDB

/// Reads the values of one column of one chunk.
///
/// The layout of vectors is that of the C API's documentation ("Vectors"): an array of the physical type, and a bitmap
/// of what is not null.
struct VectorReader {
    private let vector: duckdb_vector
    private let data: UnsafeRawPointer?
    private let validity: UnsafeMutablePointer<UInt64>?
    private let type: ColumnType
    private let decimal: DecimalLayout?

    init(vector: duckdb_vector, type: ColumnType, decimal: DecimalLayout?) {
        self.vector = vector
        self.type = type
        self.decimal = decimal
        data = duckdb_vector_get_data(vector).map { UnsafeRawPointer($0) }
        validity = duckdb_vector_get_validity(vector)
    }

    func value(at row: Int) -> DuckDBValue {
        if let validity, validity[row / 64] & (1 << UInt64(row % 64)) == 0 { return .null }
        switch type {
        case .boolean: return element(at: row, as: UInt8.self).map { .boolean($0 != 0) } ?? .null
        case .signed, .unsigned: return integer(at: row, type).map(DuckDBValue.init(_:)) ?? .unreadable
        case .float: return element(at: row, as: Float.self).map { .double(Double($0)) } ?? .null
        case .double: return element(at: row, as: Double.self).map { .double($0) } ?? .null
        case .decimal: return decimalText(at: row)
        case .text: return element(at: row, as: duckdb_string_t.self).map { .text(VectorReader.text(of: $0)) } ?? .null
        case .date: return element(at: row, as: Int32.self).map { .date($0) } ?? .null
        case .timestamp(let unit): return timestamp(at: row, unitsPerSecond: unit)
        case .timestampWithTimeZone: return timestamp(at: row, unitsPerSecond: 1_000_000)
        case .map: return keys(at: row)
        case .other: return .unreadable
        }
    }

    private func element<Element>(at row: Int, as type: Element.Type) -> Element? {
        data?.load(fromByteOffset: row * MemoryLayout<Element>.stride, as: type)
    }

    private func widened<Integer: BinaryInteger>(at row: Int, from type: Integer.Type) -> Int128? {
        element(at: row, as: type).map { Int128($0) }
    }

    private func integer(at row: Int, _ type: ColumnType) -> Int128? {
        switch type {
        case .signed(bits: 8): widened(at: row, from: Int8.self)
        case .signed(bits: 16): widened(at: row, from: Int16.self)
        case .signed(bits: 32): widened(at: row, from: Int32.self)
        case .signed(bits: 64): widened(at: row, from: Int64.self)
        case .signed(bits: 128):
            element(at: row, as: duckdb_hugeint.self).map { Int128($0.upper) << 64 | Int128($0.lower) }
        case .unsigned(bits: 8): widened(at: row, from: UInt8.self)
        case .unsigned(bits: 16): widened(at: row, from: UInt16.self)
        case .unsigned(bits: 32): widened(at: row, from: UInt32.self)
        case .unsigned(bits: 64): widened(at: row, from: UInt64.self)
        default: nil
        }
    }

    private func decimalText(at row: Int) -> DuckDBValue {
        guard let decimal, let units = integer(at: row, decimal.storage) else { return .unreadable }
        guard decimal.scale > 0 else { return .text(String(units)) }
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, decimal.scale + 1 - digits.count)) + digits
        return .text((units < 0 ? "-" : "") + padded.dropLast(decimal.scale) + "." + padded.suffix(decimal.scale))
    }

    private func timestamp(at row: Int, unitsPerSecond: Int64) -> DuckDBValue {
        guard let count = element(at: row, as: Int64.self) else { return .null }
        // Infinity is stored as the greatest and least number, which are no times.
        guard count != .max, count != -.max else { return .unreadable }
        guard unitsPerSecond <= 1_000_000 else {
            let divisor = unitsPerSecond / 1_000_000
            return .timestamp(count >= 0 ? count / divisor : (count - divisor + 1) / divisor)
        }
        let (micros, overflow) = count.multipliedReportingOverflow(by: 1_000_000 / unitsPerSecond)
        return overflow ? .unreadable : .timestamp(micros)
    }

    private func keys(at row: Int) -> DuckDBValue {
        guard let entry = element(at: row, as: duckdb_list_entry.self),
            let pairs = duckdb_list_vector_get_child(vector), let names = duckdb_struct_vector_get_child(pairs, 0)
        else { return .unreadable }
        let reader = VectorReader(vector: names, type: .text, decimal: nil)
        return .keys((0..<Int(entry.length)).compactMap { reader.value(at: Int(entry.offset) + $0).text })
    }

    private static func text(of string: duckdb_string_t) -> String {
        let length = Int(string.value.inlined.length)
        guard length <= MemoryLayout.size(ofValue: string.value.inlined.inlined) else {
            return String(
                decoding: UnsafeRawBufferPointer(start: string.value.pointer.ptr, count: length), as: UTF8.self)
        }
        return withUnsafeBytes(of: string.value.inlined.inlined) { String(decoding: $0.prefix(length), as: UTF8.self) }
    }
}

extension DuckDBValue {
    /// An integer, as text where it does not fit 64 bits.
    fileprivate init(_ value: Int128) {
        self = Int64(exactly: value).map { .integer($0) } ?? .text(String(value))
    }
}

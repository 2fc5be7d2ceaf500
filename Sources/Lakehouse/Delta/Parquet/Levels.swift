/// Runs and packed bits, in which Parquet writes levels and positions in a dictionary ("Run Length Encoding / Bit-Packing
/// Hybrid").
enum Levels {
    typealias Malformed = MalformedBytes

    /// How many bits a number up to a greatest one takes.
    static func bits(for greatest: Int) -> Int { Int.bitWidth - greatest.leadingZeroBitCount }

    /// Writes small numbers as runs: most levels of a column are the same.
    static func encoded(_ values: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var start = 0
        while start < values.count {
            var end = start + 1
            while end < values.count, values[end] == values[start] { end += 1 }
            output.appendVariableLength(UInt64(end - start) << 1)
            output.append(values[start])
            start = end
        }
        return output
    }

    /// Reads a number of values of some bits each and hands them out one by one.
    static func decode(
        _ bytes: ArraySlice<UInt8>, bits: Int, count: Int, _ body: (Int) throws(Malformed) -> Void
    ) throws(Malformed) {
        guard bits <= 32 else { throw Malformed() }
        var rest = bytes
        var left = count
        while left > 0 {
            // All values are 0 where they have no bits.
            let head = bits == 0 ? UInt64(left) << 1 : try rest.popVariableLength()
            if head & 1 == 0 {
                let length = min(Int(head >> 1), left)
                guard length > 0 else { throw Malformed() }
                let value = try rest.popNumber(bytes: (bits + 7) / 8)
                for _ in 0..<length { try body(value) }
                left -= length
            } else {
                guard head >> 1 <= UInt64(rest.count) else { throw Malformed() }
                let packed = Int(head >> 1) * bits
                guard packed > 0, packed <= rest.count else { throw Malformed() }
                let length = min(Int(head >> 1) * 8, left)
                for index in 0..<length { try body(unpack(rest, bits: bits, at: index)) }
                rest = rest.dropFirst(packed)
                left -= length
            }
        }
    }

    private static func unpack(_ bytes: ArraySlice<UInt8>, bits: Int, at index: Int) -> Int {
        var value = 0
        for bit in 0..<bits {
            let place = index * bits + bit
            if bytes[bytes.startIndex + place >> 3] >> UInt8(place & 7) & 1 == 1 { value |= 1 << bit }
        }
        return value
    }
}

/// What is there is not encoded as it should be, or is cut off.
struct MalformedBytes: Error {}

extension ArraySlice<UInt8> {
    /// Takes a number of some bytes off the front, the least significant first.
    mutating func popNumber(bytes: Int) throws(MalformedBytes) -> Int {
        guard count >= bytes else { throw MalformedBytes() }
        let value = prefix(bytes).reversed().reduce(0) { $0 << 8 | Int($1) }
        self = dropFirst(bytes)
        return value
    }

    /// Takes a number of at most 32 bits off the front, seven bits in each byte.
    mutating func popVariableLength() throws(MalformedBytes) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            guard let byte = popFirst() else { throw MalformedBytes() }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw MalformedBytes()
    }
}

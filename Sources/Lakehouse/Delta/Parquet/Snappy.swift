/// Snappy's format, in which nearly all checkpoints are compressed (google/snappy, "format_description.txt").
enum Snappy {
    typealias Malformed = MalformedBytes

    /// How far back a copy may reach, and the length of what is compressed by itself.
    private static let block = 1 << 16
    private static let tableBits: UInt32 = 13

    /// Compresses bytes.
    static func compressed(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count / 2 + 16)
        output.appendVariableLength(UInt64(input.count))
        var table = [UInt16](repeating: 0, count: 1 << Int(tableBits))
        var start = 0
        while start < input.count {
            let end = min(start + block, input.count)
            compress(input[start..<end], &table, into: &output)
            start = end
        }
        return output
    }

    /// Looks for four bytes that were there before in the same block, by a table of where they were last.
    private static func compress(_ input: ArraySlice<UInt8>, _ table: inout [UInt16], into output: inout [UInt8]) {
        input.withUnsafeBytes { bytes in
            table.withUnsafeMutableBufferPointer { table in
                table.update(repeating: 0)
                var literal = 0
                var position = 1
                while position + 4 <= bytes.count {
                    let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
                    let slot = Int((word &* 0x1e35_a7bd) >> (32 - tableBits))
                    let candidate = Int(table[slot])
                    table[slot] = UInt16(position)
                    guard bytes.loadUnaligned(fromByteOffset: candidate, as: UInt32.self) == word,
                        candidate < position
                    else {
                        // Faster through what does not repeat itself.
                        position += 1 + ((position - literal) >> 5)
                        continue
                    }
                    var length = 4
                    while position + length < bytes.count, bytes[candidate + length] == bytes[position + length] {
                        length += 1
                    }
                    appendLiteral(bytes[literal..<position], to: &output)
                    appendCopy(offset: position - candidate, length: length, to: &output)
                    position += length
                    literal = position
                }
                appendLiteral(bytes[literal...], to: &output)
            }
        }
    }

    private static func appendLiteral(_ bytes: Slice<UnsafeRawBufferPointer>, to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let length = bytes.count - 1
        if length < 60 {
            output.append(UInt8(length) << 2)
        } else {
            // A block is shorter than what two bytes can say.
            output.append(length < 256 ? 60 << 2 : 61 << 2)
            output.appendLittleEndian(Int64(length), bytes: length < 256 ? 1 : 2)
        }
        output.append(contentsOf: bytes)
    }

    private static func appendCopy(offset: Int, length: Int, to output: inout [UInt8]) {
        var left = length
        while left > 0 {
            let part = min(left, 64)
            output.append(UInt8(part - 1) << 2 | 2)
            output.appendLittleEndian(Int64(offset), bytes: 2)
            left -= part
        }
    }

    /// Reads bytes that were compressed; more than a limit are refused.
    static func decompressed(_ input: ArraySlice<UInt8>, atMost limit: Int) throws(Malformed) -> [UInt8] {
        var rest = input
        let size = try rest.popVariableLength()
        guard size <= UInt64(limit) else { throw Malformed() }
        var output: [UInt8] = []
        output.reserveCapacity(Int(size))
        while let tag = rest.popFirst() {
            let high = Int(tag >> 2)
            switch tag & 3 {
            case 0:
                let length = 1 + (high < 60 ? high : try rest.popNumber(bytes: high - 59))
                guard length <= rest.count else { throw Malformed() }
                output += rest.prefix(length)
                rest = rest.dropFirst(length)
            case 1:
                let low = try rest.popNumber(bytes: 1)
                try copy(length: 4 + (high & 7), offset: (high >> 3) << 8 | low, in: &output)
            case 2: try copy(length: high + 1, offset: try rest.popNumber(bytes: 2), in: &output)
            default: try copy(length: high + 1, offset: try rest.popNumber(bytes: 4), in: &output)
            }
            guard output.count <= Int(size) else { throw Malformed() }
        }
        guard output.count == Int(size) else { throw Malformed() }
        return output
    }

    private static func copy(length: Int, offset: Int, in output: inout [UInt8]) throws(Malformed) {
        guard offset > 0, offset <= output.count else { throw Malformed() }
        let start = output.count - offset
        // What is copied may be what this copy has just made.
        for index in start..<start + length { output.append(output[index]) }
    }
}

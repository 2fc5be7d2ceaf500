import Testing

@testable import Lakehouse

/// Bytes that are compressed come back; what is none of it is refused.
@Suite struct SnappyTests {
    @Test(arguments: [0, 1, 3, 4, 5, 59, 60, 61, 63, 64, 65, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])
    func `What was compressed comes back`(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let words = (0..<count).map { UInt8(truncatingIfNeeded: $0 % 97 &* ($0 / 1000)) }
        let same = [UInt8](repeating: 7, count: count)
        let text = Array(String(repeating: #"{"numRecords":12,"é":"x"}"#, count: count / 25 + 1).utf8).prefix(count)
        for input in [noise, words, same, Array(text)] {
            let compressed = Snappy.compressed(input)
            #expect(try Snappy.decompressed(compressed[...], atMost: count) == input)
        }
        #expect(Snappy.compressed(same).count < 32 + count / 16)
    }

    @Test func `Copies of all three forms are read`() throws {
        // Twelve bytes: "abcd", four of them again by one byte of offset, then by two, and one by four.
        let bytes: [UInt8] =
            [13, 3 << 2] + Array("abcd".utf8) + [0b000_000_01, 4, 3 << 2 | 2, 8, 0, 0 << 2 | 3, 1, 0, 0, 0]
        #expect(try Snappy.decompressed(bytes[...], atMost: 13) == Array("abcdabcdabcdd".utf8))
    }

    @Test func `What is none is refused`() {
        let good = Snappy.compressed(Array(String(repeating: "checkpoint ", count: 400).utf8))
        for length in 0..<good.count {
            #expect(throws: Snappy.Malformed.self) { try Snappy.decompressed(good[..<length], atMost: 1 << 20) }
        }
        #expect(throws: Snappy.Malformed.self) { try Snappy.decompressed(good[...], atMost: 4399) }
        // A copy from before the beginning.
        #expect(throws: Snappy.Malformed.self) { try Snappy.decompressed([4, 0, 1, 0b000_000_01, 9], atMost: 9) }
    }

    @Test func `Anything else neither crashes nor grows without limit`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? Snappy.decompressed(noise[...], atMost: 10_000)
        }
    }
}

/// Runs and packed bits.
@Suite struct LevelsTests {
    private func decoded(_ bytes: [UInt8], bits: Int, count: Int) throws -> [Int] {
        var values: [Int] = []
        try Levels.decode(bytes[...], bits: bits, count: count) { values.append($0) }
        return values
    }

    @Test func `The format's own example is read`() throws {
        #expect(try decoded([0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010], bits: 3, count: 8) == Array(0..<8))
        // Of the last group fewer may be wanted; a run may follow.
        #expect(try decoded([0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010], bits: 3, count: 5) == Array(0..<5))
        #expect(try decoded([4 << 1, 5, 0b11, 0b10], bits: 1, count: 7) == [5, 5, 5, 5, 0, 1, 0])
        #expect(try decoded([], bits: 0, count: 3) == [0, 0, 0])
        #expect(try decoded([2 << 1, 0x34, 0x12], bits: 13, count: 2) == [0x1234, 0x1234])
    }

    @Test func `What was written comes back`() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<50 {
            let values = (0..<300).map { _ in UInt8(UInt8.random(in: 0...200, using: &generator) / 60) }
            #expect(try decoded(Levels.encoded(values), bits: 2, count: 300) == values.map(Int.init))
        }
    }

    @Test func `What is cut off is refused`() {
        for bytes: [UInt8] in [[], [0b11], [0b11, 1, 2], [4 << 1], [0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]] {
            #expect(throws: Levels.Malformed.self) { try decoded(bytes, bits: 3, count: 8) }
        }
    }
}

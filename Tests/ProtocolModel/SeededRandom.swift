/// The SplitMix64 generator: one seed gives the same numbers on every machine.
package struct SeededRandom {
    private var state: UInt64

    /// Creates a generator.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits &>> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits &>> 31)
    }

    /// A number from 0 up to, and without, a small bound.
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: ((next() &>> 32) &* UInt64(truncatingIfNeeded: bound)) &>> 32)
    }

    /// True in so many of a hundred cases.
    package mutating func percent(_ chance: Int) -> Bool {
        below(100) < chance
    }

    /// True in so many of a thousand cases.
    package mutating func permille(_ chance: Int) -> Bool {
        below(1_000) < chance
    }
}

/// Cuts the bytes of one direction of a connection into messages (PostgreSQL docs, "Message Formats").
struct MessageReader {
    /// One message: its letter, and what follows its length.
    struct Message {
        let letter: UInt8
        let body: ArraySlice<UInt8>

        /// The texts that the body begins with, each ended by a zero.
        func texts(_ count: Int) -> [[UInt8]] {
            body.split(separator: 0, maxSplits: count, omittingEmptySubsequences: false).prefix(count).map(Array.init)
        }
    }

    private var pending: [UInt8] = []
    /// A client's first message has a length and no letter.
    private var hasLetter: Bool

    init(startsWithoutLetter: Bool) { hasLetter = !startsWithoutLetter }

    /// Takes more bytes, and returns the messages that are whole by now.
    mutating func messages(adding bytes: ArraySlice<UInt8>) -> [Message] {
        pending.append(contentsOf: bytes)
        var messages: [Message] = []
        var start = 0
        while true {
            let lengthStart = start + (hasLetter ? 1 : 0)
            guard pending.count >= lengthStart + 4 else { break }
            let length = pending[lengthStart..<lengthStart + 4].reduce(0) { $0 << 8 | Int($1) }
            let end = lengthStart + length
            guard length >= 4, pending.count >= end else { break }
            messages.append(
                Message(letter: hasLetter ? pending[start] : 0, body: pending[(lengthStart + 4)..<end]))
            hasLetter = true
            start = end
        }
        pending.removeFirst(start)
        return messages
    }
}

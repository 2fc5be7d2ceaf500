internal import Partitions

/// What the same failure has in common on many partitions: its error without the partition's own date.
struct FailureSignature: Sendable, Hashable {
    private let text: String

    /// Takes the numbers of the partition's first moment out, in whatever order a file's name has them.
    init(of error: String, on key: PartitionKey) {
        let digits = key.start.description.filter(\.isNumber)
        let (year, month, day) = (digits.prefix(4), digits.dropFirst(4).prefix(2), digits.dropFirst(6).prefix(2))
        let own: Set<Substring> = [
            year, month, day, digits.dropFirst(8).prefix(2), year + month, year + month + day, month + day,
        ]
        var text = ""
        var rest = Substring(error)
        while let first = rest.first {
            let run = rest.prefix { $0.isASCII && $0.isNumber }
            text += run.isEmpty ? String(first) : own.contains(run) ? "#" : String(run)
            rest = rest.dropFirst(max(1, run.count))
        }
        self.text = text
    }
}

internal import Foundation

extension Writer {
    /// The attempt in names of files and folders: the fence in twenty digits, which sort as the fences do, and the claim
    /// id.
    var name: String {
        precondition(fence >= 0, "A fence is never negative.")
        let digits = String(fence)
        return String(repeating: "0", count: 20 - digits.count) + digits + "-" + claimID.uuidString.lowercased()
    }

    /// Reads an attempt's name; nil for anything that `name` does not write.
    init?(name: some StringProtocol) {
        let fields = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard fields.count == 2, fields[0].utf8.count == 20, fields[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let fence = Int64(fields[0]), let claimID = UUID(uuidString: String(fields[1])),
            claimID.uuidString.lowercased() == fields[1]
        else { return nil }
        self.init(fence: fence, claimID: claimID)
    }
}

/// The name of a published file: `part-<fence>-<claim id>-<number>.parquet`.
///
/// It was never used before and never will be again, so a reader that listed one generation cannot open a file of
/// another by mistake, and one listing of a folder tells whose generation it is.
struct PublishedFileName: Hashable, CustomStringConvertible {
    let writer: Writer
    let number: Int

    init(writer: Writer, number: Int) {
        self.writer = writer
        self.number = number
    }

    /// Reads a file name; nil where it is not one of ours.
    init?(_ text: String) {
        guard text.hasPrefix("part-"), text.hasSuffix(".parquet") else { return nil }
        let middle = text.dropFirst("part-".count).dropLast(".parquet".count)
        guard let dash = middle.lastIndex(of: "-"), let writer = Writer(name: middle[..<dash]),
            let number = Int(middle[middle.index(after: dash)...])
        else { return nil }
        self.init(writer: writer, number: number)
        if description != text { return nil }
    }

    var description: String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 5 - digits.count))
        return "part-\(writer.name)-\(padding)\(digits).parquet"
    }
}

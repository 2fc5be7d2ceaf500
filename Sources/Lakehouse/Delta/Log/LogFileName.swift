/// A name in `_delta_log` that matters to a reader.
///
/// Everything else there, such as `_last_checkpoint`, checksums, compacted entries and other writers' temporary files, is
/// only a shortcut for what these say.
enum LogFileName: Hashable {
    /// The changes of one version.
    case entry(Int64)
    /// All of the table's state at a version, or one part of it.
    case checkpoint(CheckpointPart)

    /// Reads a name; nil for one that does not matter.
    init?(_ name: String) {
        let fields = name.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count >= 2, let version = LogFileName.number(fields[0], digits: 20) else { return nil }
        if fields.count == 2, fields[1] == "json" {
            self = .entry(version)
        } else if fields[1] == "checkpoint", let part = CheckpointPart(version, fields.dropFirst(2), name: name) {
            self = .checkpoint(part)
        } else {
            return nil
        }
    }

    /// The name of a version's entry.
    static func ofEntry(_ version: Int64) -> String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".json"
    }

    fileprivate static func number(_ text: Substring, digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}

/// One file of a checkpoint ("Checkpoints", "Checkpoint naming").
struct CheckpointPart: Hashable {
    /// The checkpoint that the file belongs to: of one version there may be several.
    enum Group: Hashable {
        case whole
        case parts(Int64)
        case named(String)
    }

    let version: Int64
    let group: Group
    let number: Int64
    let name: String

    var isJSON: Bool { name.hasSuffix(".json") }

    fileprivate init?(_ version: Int64, _ rest: ArraySlice<Substring>, name: String) {
        let rest = Array(rest)
        if rest == ["parquet"] {
            group = .whole
            number = 1
        } else if rest.count == 3, rest[2] == "parquet", let number = LogFileName.number(rest[0], digits: 10),
            let count = LogFileName.number(rest[1], digits: 10), (1...max(1, count)).contains(number)
        {
            group = .parts(count)
            self.number = number
        } else if rest.count == 2, rest[0].utf8.count == 36, rest[1] == "parquet" || rest[1] == "json" {
            group = .named(String(rest[0]))
            number = 1
        } else {
            return nil
        }
        self.version = version
        self.name = name
    }
}

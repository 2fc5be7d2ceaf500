internal import Glibc
internal import Partitions
internal import Transforms

/// Looks for the files of a partition's sources.
enum SourceFiles {
    static func examine(_ sources: [Source], of key: PartitionKey) -> Finding.Outcome {
        var count = 0
        for source in sources where !source.path.contains("://") {
            let pattern = fill(source.path, with: key) + (source.format == .hive ? "/*" : "")
            let found = matches(of: pattern)
            guard found > 0 else {
                return .bad("\(key): no file matches '\(pattern)' (source '\(source.name)'); this partition would fail")
            }
            count += found
        }
        return .good("\(key): \(NumberText.counted(count, "file"))")
    }

    /// The path with the strftime fields of a partition filled in.
    static func fill(_ path: String, with key: PartitionKey) -> String {
        let date = key.date
        let fields = ["Y": "\(date)".prefix(4), "m": "\(date)".dropFirst(5).prefix(2), "d": "\(date)".suffix(2)]
        var result = ""
        var rest = Substring(path)
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[percent...].dropFirst()
            // A field without leading zeros is looked for as any text.
            let isUnpadded = rest.first == "-"
            let letter = isUnpadded ? "-" : rest.prefix(1)
            rest = rest.dropFirst(isUnpadded ? 2 : 1)
            switch letter {
            case "%": result += "%"
            case "H": result += key.start.hour < 10 ? "0\(key.start.hour)" : "\(key.start.hour)"
            default: result += fields[String(letter)] ?? "*"
            }
        }
        return result + rest
    }

    /// The number of files that a pattern matches (glob(3)).
    private static func matches(of pattern: String) -> Int {
        var result = glob_t()
        defer { globfree(&result) }
        return glob(pattern, 0, nil, &result) == 0 ? Int(result.gl_pathc) : 0
    }
}

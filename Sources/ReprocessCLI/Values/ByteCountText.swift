/// Sizes in bytes as people write and read them.
enum ByteCountText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("B", 1),
        ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30), ("TIB", 1 << 40),
    ]

    /// Parses `4GB`, `512MiB`, `1.5 GB`.
    ///
    /// - Throws: `ValueError` that names the text, also for a number without a unit.
    static func parse(_ text: String) throws(ValueError) -> Int64 {
        let compact = text.filter { $0 != " " }
        let number = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = compact.dropFirst(number.count).uppercased()
        guard let count = Double(number), let unit = units.first(where: { $0.name == name }),
            case let bytes = count * Double(unit.bytes), bytes >= 1, bytes < 9e18
        else {
            throw ValueError(
                message:
                    "'\(text)' is not a size: write a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 4GB.")
        }
        return Int64(bytes)
    }

    /// A size with three digits at most: `1.2 MB`.
    static func describe(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        let unit = units[1...4].last { bytes >= $0.bytes } ?? units[1]
        let tenths = bytes / (unit.bytes / 10)
        return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) \(unit.name)" : "\(tenths / 10) \(unit.name)"
    }
}

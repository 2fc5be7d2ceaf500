package import Partitions

extension Source {
    /// The pattern of the source's files for one partition.
    ///
    /// - Throws: `TransformError` where the path has an unknown field, or an option's name cannot be one.
    package func pattern(for key: PartitionKey, column: String) throws(TransformError) -> String {
        for name in options.keys where !Source.isOptionName(name) {
            throw TransformError(.misuse, "'\(name)' cannot be an option of the source '\(self.name)'.")
        }
        if format == .delta, let option = options.keys.min() {
            throw TransformError(
                .misuse,
                "The source '\(self.name)' has the option '\(option)', but a Delta table is read without options: "
                    + "remove it.")
        }
        let path = try PathPattern(path).path(for: key)
        if format == .delta, path.contains("://") {
            throw TransformError(
                .misuse,
                "The source '\(self.name)' is the Delta table '\(path)', which is not on this machine. Name the folder of a "
                    + "local table.")
        }
        guard format == .hive else { return path }
        return (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/\(column)=\(key)/*.parquet"
    }

    /// The files that match a pattern; nil where only the engine can tell, because they are remote or below a `**`.
    ///
    /// This call blocks.
    package static func files(matching pattern: String) throws(TransformError) -> [String]? {
        FileGlob.isForEngine(pattern) ? nil : try FileGlob.files(matching: pattern)
    }

    private static func isOptionName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}

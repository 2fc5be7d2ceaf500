internal import Partitions
internal import Transforms

/// Looks for the files of a partition's sources, where the engine would look for them.
enum SourceFiles {
    static func examine(_ sources: [Source], of key: PartitionKey, column: String) -> Finding.Outcome {
        var count = 0
        var unseen: [String] = []
        for source in sources {
            do {
                let pattern = try source.pattern(for: key, column: column)
                guard let files = try Source.files(matching: pattern) else {
                    unseen.append(pattern)
                    continue
                }
                guard !files.isEmpty else {
                    return .bad("\(key): no file matches '\(pattern)'\(name(of: source)); this partition would fail")
                }
                count += files.count
            } catch {
                return .bad("\(key): \(error.message)")
            }
        }
        let found = NumberText.counted(count, "file")
        guard !unseen.isEmpty else { return .good("\(key): \(found)") }
        let rest = unseen.map { "'\($0)'" }.joined(separator: ", ")
        return .skipped("\(key): \(count > 0 ? found + "; " : "")only a run looks for \(rest)")
    }

    /// The source's name, where it was given one.
    private static func name(of source: Source) -> String {
        source.name == "source" ? "" : " (source '\(source.name)')"
    }
}

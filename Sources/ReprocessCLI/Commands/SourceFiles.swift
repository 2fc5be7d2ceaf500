internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// Looks for the files of a partition's sources, where the engine would look for them.
enum SourceFiles {
    static func examine(_ sources: [Source], of key: PartitionKey, column: String) -> Finding.Outcome {
        let tables = DeltaSources()
        var count = 0
        var versions: [String] = []
        var unseen: [String] = []
        for source in sources {
            do {
                if source.format == .delta {
                    let snapshot = try tables.examine(source, key: key, column: column)
                    count += snapshot.files.count
                    versions.append(describe(snapshot, of: source))
                    continue
                }
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
                return .bad("\(key): \(ErrorText.sentence(for: error))")
            }
        }
        let found = ([NumberText.counted(count, "file")] + versions).joined(separator: ", ")
        guard !unseen.isEmpty else { return .good("\(key): \(found)") }
        let rest = unseen.map { "'\($0)'" }.joined(separator: ", ")
        return .skipped("\(key): \(count > 0 ? found + "; " : "")only a run looks for \(rest)")
    }

    /// The version that a run would read now, and what it would need for that.
    private static func describe(_ snapshot: TableSnapshot, of source: Source) -> String {
        let table = source.name == "source" ? "the table" : "'\(source.name)'"
        let need = snapshot.features.isEmpty ? "" : " with DuckDB's extension 'delta', for its "
        return "version \(snapshot.version) of \(table)\(need)\(snapshot.features.joined(separator: " and "))"
    }

    /// The source's name, where it was given one.
    private static func name(of source: Source) -> String {
        source.name == "source" ? "" : " (source '\(source.name)')"
    }
}

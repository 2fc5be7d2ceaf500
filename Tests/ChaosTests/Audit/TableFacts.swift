import Foundation

/// What lies on the disk, partition by partition.
struct TableFacts {
    /// Whose files readers see.
    var visible: [String: Set<AttemptName>] = [:]
    /// The records of finished publishes.
    var published: [String: Set<AttemptName>] = [:]
    /// What each attempt replaced: whose files those were.
    var replaced: [String: [AttemptName: Set<AttemptName>]] = [:]
    /// What should not be there.
    var strange: [String] = []

    init() {}

    /// Lists a table that nobody is working on.
    init(of project: ChaosProject) throws {
        for folder in try Self.names(in: project.table) {
            let files = try Self.names(in: project.table + "/" + folder)
            guard folder.hasPrefix("day="), files.allSatisfy({ AttemptName(file: $0) != nil }) else {
                strange.append("\(folder): \(files)")
                continue
            }
            visible[String(folder.dropFirst("day=".count))] = Set(files.compactMap { AttemptName(file: $0) })
        }
        let staging = project.table + ".reprocess/staging"
        for key in try Self.names(in: staging) {
            let records = try Self.names(in: staging + "/" + key).filter { $0.contains(".published-") }
            published[key] = Set(records.compactMap { AttemptName($0) })
        }
        let previous = project.table + ".reprocess/previous"
        for key in try Self.names(in: previous) {
            for name in try Self.names(in: previous + "/" + key) {
                guard let attempt = AttemptName(name) else {
                    strange.append("\(key)/\(name)")
                    continue
                }
                let files = try Self.names(in: "\(previous)/\(key)/\(name)")
                replaced[key, default: [:]][attempt] = Set(files.compactMap { AttemptName(file: $0) })
            }
        }
    }

    /// The names in a folder; none where it does not exist.
    private static func names(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
    }
}

import Foundation

/// What lies on the disk, partition by partition.
struct TableFacts {
    /// Whose files readers see.
    var visible: [String: Set<AttemptName>] = [:]
    /// The records of finished publishes.
    var published: [String: Set<AttemptName>] = [:]
    /// Every name among the stagings and records, each of which is a fence.
    var fences: [String: Set<AttemptName>] = [:]
    /// Stagings with something in them.
    var staged: [String] = []
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
            let entries = try Self.names(in: staging + "/" + key)
            fences[key] = Set(entries.compactMap { AttemptName($0) })
            published[key] = Set(entries.filter { $0.contains(".published-") }.compactMap { AttemptName($0) })
            staged += try entries.map { "\(key)/\($0)" }.filter { try !Self.names(in: staging + "/" + $0).isEmpty }
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

    /// The names in a folder; none where there is no folder.
    private static func names(in folder: String) throws -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
            return []
        }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
    }
}

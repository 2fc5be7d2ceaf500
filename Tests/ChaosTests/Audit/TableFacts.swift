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
    /// What lies in the folders of finished batches.
    var batches: [String] = []
    /// What should not be there.
    var strange: [String] = []

    init() {}

    /// Lists a table that nobody is working on.
    init(of project: ChaosProject, _ job: ChaosJob) throws {
        let table = project.table(job)
        for folder in try Self.names(in: table) {
            let files = try Self.names(in: table + "/" + folder)
            guard folder.hasPrefix("day="), files.allSatisfy({ AttemptName(file: $0) != nil }) else {
                strange.append("\(folder): \(files)")
                continue
            }
            visible[String(folder.dropFirst("day=".count))] = Set(files.compactMap { AttemptName(file: $0) })
        }
        let staging = table + ".reprocess/staging"
        for key in try Self.names(in: staging) {
            let entries = try Self.names(in: staging + "/" + key)
            fences[key] = Set(entries.compactMap { AttemptName($0) })
            published[key] = Set(entries.filter { $0.contains(".published-") }.compactMap { AttemptName($0) })
            staged += try entries.map { "\(key)/\($0)" }.filter { try !Self.names(in: staging + "/" + $0).isEmpty }
        }
        let previous = table + ".reprocess/previous"
        batches = try Self.names(in: table + ".reprocess/batches")
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

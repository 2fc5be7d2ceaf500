import Foundation

/// The log of a Delta table, read from its first entry on without any code of the program.
struct DeltaHistory {
    /// A file that an entry adds or removes.
    private struct File: Decodable {
        let path: String
        let partitionValues: [String: String?]?
    }

    private struct Transaction: Decodable {
        let appId: String
        let version: Int64
    }

    private struct Action: Decodable {
        let add: File?
        let remove: File?
        let txn: Transaction?
    }

    /// The paths of the live files, by partition.
    private(set) var live: [String: Set<String>] = [:]
    /// The attempts that have added files, by partition.
    private(set) var publishers: [String: Set<String>] = [:]
    /// The paths of all files that were ever added.
    private(set) var added: Set<String> = []
    /// What no log may have: a gap, an entry without lines, a file that comes twice or goes without having come, a
    /// generation that is not counted, or counted downwards.
    private(set) var problems: [String] = []

    init(log: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: log).filter { $0.hasSuffix(".json") }.sorted()
        let expected = names.indices.map { String(format: "%020d.json", $0) }
        if names != expected { problems.append("the log has the entries \(names)") }
        var counts: [String: Int64] = [:]
        for name in names {
            let lines = try String(contentsOfFile: log + "/" + name, encoding: .utf8).split(separator: "\n")
            if lines.isEmpty { problems.append("\(name) is empty") }
            let actions = try lines.map { try JSONDecoder().decode(Action.self, from: Data($0.utf8)) }
            for action in actions {
                if let file = action.remove { remove(file, in: name) }
            }
            for action in actions {
                guard let file = action.add else { continue }
                let key = add(file, in: name)
                let fence = Int64(attempt(file).prefix(20))
                let isCounted = actions.contains {
                    $0.txn?.appId.hasSuffix("/" + key) == true && $0.txn?.version == fence
                }
                if !isCounted { problems.append("\(name) does not count \(file.path)") }
            }
            for case let transaction? in actions.map(\.txn) {
                if transaction.version <= counts[transaction.appId, default: 0] {
                    problems.append("\(name) counts \(transaction.appId) down to \(transaction.version)")
                }
                counts[transaction.appId] = transaction.version
            }
        }
    }

    private mutating func add(_ file: File, in entry: String) -> String {
        let key = (file.partitionValues?["order_date"] ?? nil) ?? ""
        if !added.insert(file.path).inserted { problems.append("\(entry) adds \(file.path) again") }
        live[key, default: []].insert(file.path)
        publishers[key, default: []].insert(attempt(file))
        return key
    }

    private mutating func remove(_ file: File, in entry: String) {
        for key in live.keys where live[key]?.remove(file.path) != nil { return }
        problems.append("\(entry) removes \(file.path), which is not there")
    }

    /// The attempt in a file's name: `part-<attempt>-<number>.parquet`.
    private func attempt(_ file: File) -> String {
        String((file.path as NSString).lastPathComponent.dropFirst("part-".count).dropLast("-00000.parquet".count))
    }
}

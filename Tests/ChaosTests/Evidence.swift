import Foundation
import TestSupport

/// What is kept of a run that has failed, below the package's `.build/chaos`.
struct Evidence {
    let folder: String

    init(seed: UInt64) { folder = SharedData.packageDirectory + "/.build/chaos/seed-\(seed)" }

    /// Keeps what was found, the logs of the workers, the names in the table's folders, and the ledger's tables.
    func keep(_ findings: String, project: ChaosProject, logs: String, cluster: TestCluster) async throws {
        let files = FileManager.default
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(findings, to: "findings.txt")
        try files.copyItem(atPath: logs, toPath: folder + "/logs")
        try files.copyItem(atPath: cluster.folder + "/log", toPath: folder + "/server.log")
        let names = files.enumerator(atPath: project.path + "/lake")?.compactMap { $0 as? String } ?? []
        try write(names.sorted().joined(separator: "\n"), to: "files.txt")
        for table in ["attempt", "partition_progress", "batch_checkpoint"] {
            let rows = try await cluster.execute(
                "SELECT to_json(t) FROM \(ChaosProject.schema).\(table) t ORDER BY fence")
            try write(rows.map { $0[0] ?? "" }.joined(separator: "\n"), to: table + ".jsonl")
        }
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }
}

import Foundation
import Testing

extension Snapshot {
    /// Looks at a Delta table: its log as it is written, and its rows as DuckDB reads them.
    mutating func readDelta(_ table: String, _ sibling: String) async throws {
        let files = FileManager.default
        guard files.fileExists(atPath: table + "/_delta_log") else { return }
        let history = try DeltaHistory(log: table + "/_delta_log")
        strays = history.problems
        publishers = history.publishers
        let rows = Dictionary(grouping: try await TableRows.readDelta(table), by: \.key)
        for (key, paths) in history.live where !paths.isEmpty {
            guard paths.count == 1, let path = paths.first, let found = rows[key]?.first,
                let version = OrdersVersion.allCases.first(where: { found.count == 10 && $0.sum == found.sum }),
                let inode = try files.attributesOfItem(atPath: table + "/" + path)[.systemFileNumber] as? Int
            else {
                strays.append("\(key): \(paths), \(rows[key] ?? [])")
                continue
            }
            partitions[key] = Partition(file: (path as NSString).lastPathComponent, inode: inode, version: version)
        }
        let staging = sibling + "/staging"
        for key in files.fileExists(atPath: staging) ? try files.contentsOfDirectory(atPath: staging) : [] {
            for name in try files.contentsOfDirectory(atPath: "\(staging)/\(key)") { stagings.insert("\(key)/\(name)") }
        }
    }
}

extension CrashHistory {
    /// Every reader finds the version; beside the table are only the names of attempts that have ended, and in its folder
    /// no file of which the log does not know.
    func checkDelta(_ now: Snapshot, _ version: OrdersVersion, _ location: SourceLocation) async throws {
        try await crash.project.expect(crash.keys, sum: version.sum, location)
        #expect(now.unfinishedStagings.isEmpty, sourceLocation: location)
        let known = try DeltaHistory(log: crash.table + "/_delta_log").added
        let files = crash.project.files(below: "lake/orders").filter {
            $0.hasSuffix(".parquet") && !$0.hasPrefix("_delta_log/")
        }
        #expect(Set(files).subtracting(known).isEmpty, sourceLocation: location)
    }
}

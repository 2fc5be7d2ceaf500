import Foundation
import TestSupport

/// The tables of delta-io/delta that every implementation is tried with.
enum GoldenTables {
    /// What `deltalake` says of a table: a line of the oracle file.
    struct Oracle {
        let version: Int64
        let minReader: Int
        let minWriter: Int
        let features: Set<String>
        let files: Int
        let rows: Int64?
    }

    static var folder: String? { SharedData.path.map { $0 + "/delta_golden" } }

    /// Every table, by its path below the folder: whatever has a `_delta_log`.
    static let names: [String] = {
        guard let folder, let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        let logs = walk.compactMap { $0 as? String }.filter { $0.hasSuffix("/_delta_log") }
        return logs.map { String($0.dropLast("/_delta_log".count)) }.sorted()
    }()

    /// The tables that `deltalake` could open.
    static let oracle: [String: Oracle] = {
        guard let path = SharedData.path,
            let text = try? String(contentsOfFile: path + "/delta_golden.oracle.txt", encoding: .utf8)
        else { return [:] }
        var tables: [String: Oracle] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("OK | ") {
            let fields = line.components(separatedBy: " | ")
            guard fields.count >= 9, let version = Int64(fields[2]), let reader = Int(fields[3]),
                let writer = Int(fields[4]), let files = Int(fields[7])
            else { continue }
            let features = fields[5].split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "-" }).map(
                String.init)
            tables[fields[1]] = Oracle(
                version: version, minReader: reader, minWriter: writer, features: Set(features), files: files,
                rows: Int64(fields[8]))
        }
        return tables
    }()

    /// Where a table lies.
    static func path(_ name: String) -> String { (folder ?? "") + "/" + name }
}

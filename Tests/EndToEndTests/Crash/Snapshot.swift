import Foundation
import TestSupport

/// What table and ledger hold at a moment at which nobody works on them.
struct Snapshot: Sendable {
    /// What a reader sees of a partition.
    struct Partition: Sendable, Hashable {
        let file: String
        let inode: Int
        let version: OrdersVersion

        /// The attempt whose name the file carries: `part-<attempt>-<number>.parquet`.
        var attempt: String { String(file.dropFirst("part-".count).dropLast("-00000.parquet".count)) }
    }

    /// A row of the ledger.
    struct Row: Sendable, Hashable {
        let key: String
        let status: String
        let fence: Int64
        let transformVersion: String?
        let tableVersion: String?
        /// Every column, as text.
        let text: String
    }

    /// A row of the history.
    struct Attempt: Sendable, Hashable {
        let key: String
        let fence: Int64
        /// Fence and claim id, as names of files have them.
        let name: String
        let outcome: String
        let worker: String
        let transformVersion: String?
        /// Every column, as text.
        let text: String

        /// Whether a process made it.
        func isOf(_ process: RunningProcess) -> Bool { worker.contains(":\(process.id):") }
    }

    var partitions: [String: Partition] = [:]
    /// What should not be below the table's folder.
    var strays: [String] = []
    /// The attempts that have ever published a partition, as the files or the log tell.
    var publishers: [String: Set<String>] = [:]
    /// The names of stagings, fences and records, each after its partition.
    var stagings: Set<String> = []
    private(set) var rows: [String: Row] = [:]
    /// The history, oldest first.
    private(set) var attempts: [Attempt] = []

    /// The attempts that have not ended.
    var running: [Attempt] { attempts.filter { $0.outcome == "RUNNING" } }

    /// Looks at a project.
    init(of crash: CrashProject) async throws {
        try await readLedger(crash.project)
        switch crash.format {
        case .hive:
            try await readTable(crash.table)
            try readPublishers(crash.sibling)
        case .delta:
            try await readDelta(crash.table, crash.sibling)
        }
    }

    /// The stagings but for the empty files that say that an attempt at a Delta table has ended.
    var unfinishedStagings: Set<String> { stagings.filter { !$0.hasSuffix(".ended") } }

    private mutating func readLedger(_ project: Project) async throws {
        guard try await project.query("SELECT to_regclass('\(project.schema).attempt')") != [[nil]] else { return }
        for row in try await project.query(
            """
            SELECT partition_key, status, fence, transform_version, table_version, p::text
            FROM \(project.schema).partition_progress p
            """)
        {
            let key = row[0] ?? ""
            rows[key] = Row(
                key: key, status: row[1] ?? "", fence: Int64(row[2] ?? "") ?? -1, transformVersion: row[3],
                tableVersion: row[4], text: row[5] ?? "")
        }
        attempts = try await project.query(
            """
            SELECT partition_key, fence, lpad(fence::text, 20, '0') || '-' || claim_id, outcome, transform_version,
                worker, a::text
            FROM \(project.schema).attempt a ORDER BY fence
            """
        ).map { row in
            Attempt(
                key: row[0] ?? "", fence: Int64(row[1] ?? "") ?? -1, name: row[2] ?? "", outcome: row[3] ?? "",
                worker: row[5] ?? "", transformVersion: row[4], text: row[6] ?? "")
        }
    }

    private mutating func readTable(_ table: String) async throws {
        let files = FileManager.default
        guard let folders = try? files.contentsOfDirectory(atPath: table), !folders.isEmpty else { return }
        for folder in folders {
            let names = try files.contentsOfDirectory(atPath: "\(table)/\(folder)")
            if names.count != 1 || !folder.hasPrefix("order_date=") { strays.append("\(folder): \(names)") }
        }
        for rows in try await TableRows.read(table) {
            let attributes = try files.attributesOfItem(atPath: rows.file)
            let versions = OrdersVersion.allCases.filter { rows.count == 10 && $0.sum == rows.sum }
            guard let version = versions.first, let inode = attributes[.systemFileNumber] as? Int,
                partitions[rows.key] == nil
            else {
                strays.append("\(rows.file): \(rows.count) rows, sum \(rows.sum)")
                continue
            }
            partitions[rows.key] = Partition(
                file: (rows.file as NSString).lastPathComponent, inode: inode, version: version)
        }
    }

    /// An attempt that has published left a file, or replaced one that is kept under its name, or a record.
    private mutating func readPublishers(_ sibling: String) throws {
        for (key, partition) in partitions { publishers[key, default: []].insert(partition.attempt) }
        let files = FileManager.default
        for place in ["previous", "staging"] {
            let folder = "\(sibling)/\(place)"
            guard files.fileExists(atPath: folder) else { continue }
            for key in try files.contentsOfDirectory(atPath: folder) {
                for name in try files.contentsOfDirectory(atPath: "\(folder)/\(key)") {
                    if place == "staging" { stagings.insert("\(key)/\(name)") }
                    let isPublisher = place == "previous" || name.contains(".published-")
                    if isPublisher { publishers[key, default: []].insert(String(name.prefix { $0 != "." })) }
                }
            }
        }
    }
}

internal import DuckDBEngine
internal import Foundation
internal import Glibc
internal import Lakehouse
internal import Partitions

/// Replaces days of a table at random until a file says that it is enough; one of many processes that do so.
///
/// Each row says which attempt wrote it and how many rows that has. What is acknowledged is noted, each in one write.
struct Crowd {
    let table: DeltaTable
    let first: PartitionKey
    let days: Int
    /// The folder with the files `fences`, `ours` and `stop`.
    let folder: String
    private let database: Database

    init(_ root: String, first: PartitionKey, days: Int, folder: String) throws {
        table = try DeltaTable(path: root, column: "order_date", every: .day)
        self.first = first
        self.days = days
        self.folder = folder
        database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// Replaces one day after the other.
    func run() throws {
        while access(folder + "/stop", F_OK) != 0 {
            do {
                try replace(first.advanced(by: Int.random(in: 0..<days)))
            } catch let error as TableError where error.code == .fenced || error.code == .damaged {
                // Another attempt, or another program, was at the same day: the next attempt has a new fence.
            }
        }
    }

    private func replace(_ key: PartitionKey) throws {
        let writer = Writer(fence: try nextFence(), claimID: UUID())
        let staging = try table.begin(key, writer: writer)
        let rows = Int64.random(in: 0...4)
        let query = "SELECT 'ours' AS writer, \(writer.fence)::BIGINT AS fence, i AS number, \(rows)::BIGINT AS total"
        do {
            _ = try database.connect().run(
                "COPY (\(query) FROM range(\(rows)) t(i)) TO '\(staging.directory)/data.parquet' (FORMAT parquet)",
                in: CancellationScope())
        } catch {
            // A higher fence has taken the folder away.
            if access(staging.directory, F_OK) != 0 { return }
            throw error
        }
        guard case .published = try table.publish(staging, rows: rows) else { return }
        try append("\(writer.fence) \(key)\n")
    }

    /// The next number of a file that all processes share.
    private func nextFence() throws -> Int64 {
        let descriptor = try check(open(folder + "/fences", O_RDWR | O_CREAT | O_CLOEXEC, 0o666))
        // The kernel gives the lock back where a process is killed.
        defer { close(descriptor) }
        _ = try check(flock(descriptor, LOCK_EX))
        var fence: Int64 = 0
        _ = try check(Int32(pread(descriptor, &fence, 8, 0)))
        fence += 1
        _ = try check(Int32(pwrite(descriptor, &fence, 8, 0)))
        return fence
    }

    private func append(_ line: String) throws {
        let descriptor = try check(open(folder + "/ours", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666))
        defer { close(descriptor) }
        _ = try check(Int32(write(descriptor, line, line.utf8.count)))
    }

    private func check(_ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return result
    }
}

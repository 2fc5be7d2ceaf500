internal import DuckDBEngine
internal import FaultPoints
internal import Foundation
internal import Glibc

/// Writes one checkpoint of a table, in a folder of its own beside the table.
struct CheckpointWriter {
    /// The folder, whose lock the caller has.
    let folder: String
    /// `_delta_log`.
    let log: String
    let faults: FaultInjector
    private let scope: CancellationScope

    init(folder: String, log: String, faults: FaultInjector, scope: CancellationScope = CancellationScope()) {
        self.folder = folder
        self.log = log
        self.faults = faults
        self.scope = scope
    }

    /// Writes a checkpoint and makes it part of the log; false where there is one of this version already.
    ///
    /// Readers see a complete checkpoint or none: it is written beside the table, compared with what the replay of the log
    /// knows, brought to the disk, and only then renamed to a name that must be free.
    func write(_ target: CheckpointTarget, from plan: LogListing.Plan, now: Int64) throws -> Bool {
        // Whatever lies here is of a process that died at it: nobody else has the lock.
        for entry in try DirectoryHandle(opening: folder).entries() { try FileSystem.remove(entry, in: folder) }
        let path = "\(folder)/\(name(of: target.version))"
        do {
            return try write(target, plan, now, by: path)
        } catch {
            // Whoever is told to end leaves nothing; what cannot be removed now goes before the next one.
            _ = try? FileSystem.removeFile(path)
            throw error
        }
    }

    private func write(_ target: CheckpointTarget, _ plan: LogListing.Plan, _ now: Int64, by path: String) throws
        -> Bool
    {
        let counts = try reporting(target.version) { try copy(target, plan, now, to: path) }
        let differences = counts.differences(
            from: target, expiresTransactions: target.properties.transactionRetention != nil)
        guard differences.isEmpty else { throw contradiction(target.version, differences) }
        try FileSystem.syncFile(path)
        try faults.reached(.checkpointWritten)
        let size = try FileSystem.status(of: path)?.size
        let taken = try FileSystem.expecting(EEXIST) { () throws(SystemCallError) in
            try FileSystem.renameToNew(path, to: log + "/" + name(of: target.version))
        }
        guard taken == nil else {
            try FileSystem.removeFile(path)
            return false
        }
        try FileSystem.syncDirectory(log)
        try faults.reached(.checkpointAdded)
        try note(
            LastCheckpoint(
                version: target.version, size: counts.actions, sizeInBytes: size, numOfAddFiles: counts.files))
        try faults.reached(.checkpointNoted)
        return true
    }

    private func name(of version: Int64) -> String {
        LogFileName.ofEntry(version).dropLast("json".count) + "checkpoint.parquet"
    }

    /// Tells readers, unless they know of a later one.
    private func note(_ last: LastCheckpoint) throws {
        if let known = LastCheckpoint.read(in: log), known.version > last.version { return }
        let path = folder + "/" + LastCheckpoint.fileName
        try FileSystem.touch(path)
        try FileSystem.overwrite(path, with: Array(JSONText.line(last).utf8))
        try FileSystem.syncFile(path)
        try FileSystem.rename(path, to: log + "/" + LastCheckpoint.fileName)
    }

    /// Computes the checkpoint in this process where that can be done, which takes milliseconds, and by DuckDB otherwise.
    private func copy(
        _ target: CheckpointTarget, _ plan: LogListing.Plan, _ now: Int64, to path: String
    ) throws -> CheckpointCounts {
        do {
            return try merge(target, plan, now, to: path)
        } catch is LeafFile.Unsuitable {
            try FileSystem.removeFile(path)
            return try copyByDuckDB(target, plan, now, to: path)
        }
    }

    func merge(
        _ target: CheckpointTarget, _ plan: LogListing.Plan, _ now: Int64, to path: String
    ) throws -> CheckpointCounts {
        guard plan.checkpoint.count < 2, plan.checkpoint.first?.isJSON != true, try target.parsedStatistics == nil
        else { throw LeafFile.Unsuitable() }
        let merge = CheckpointMerge(
            base: plan.checkpoint.first.map { log + "/" + $0.name }, entries: entries(of: plan, target),
            tombstonesExpireBefore: target.properties.deletedFileRetention.map { now - $0 },
            transactionsExpireBefore: target.properties.transactionRetention.map { now - $0 })
        let file = try NewFile(path)
        try merge.write { piece in
            guard !scope.isCancelled else { throw CancellationError() }
            try file.append(piece)
        }
        return try CheckpointCounts(reading: path, column: target.column)
    }

    private func entries(of plan: LogListing.Plan, _ target: CheckpointTarget) -> [String] {
        let first = (plan.checkpoint.first?.version ?? -1) + 1
        return (first..<target.version + 1).map { log + "/" + LogFileName.ofEntry($0) }
    }

    func copyByDuckDB(
        _ target: CheckpointTarget, _ plan: LogListing.Plan, _ now: Int64, to path: String
    ) throws -> CheckpointCounts {
        // One instance for as long as it takes: its memory is given back with it.
        let database = try Database(
            options: DatabaseOptions(memoryLimit: "1GB", threads: 2, temporaryDirectory: folder + "/spill"),
            environment: ProcessInfo.processInfo.environment)
        let connection = try database.connect()
        let (base, files) = try CheckpointRelations(log: log, connection: connection).relations(of: plan.checkpoint)
        let properties = target.properties
        let statements = CheckpointSQL(
            base: base, baseFiles: files, entries: entries(of: plan, target),
            tombstonesExpireBefore: properties.deletedFileRetention.map { now - $0 },
            transactionsExpireBefore: properties.transactionRetention.map { now - $0 },
            parsed: try target.parsedStatistics)
        for statement in statements.preparations { _ = try connection.run(statement, in: scope) }
        _ = try connection.run(statements.copy(to: path), in: scope)
        let row = try connection.run(CheckpointSQL.count(in: path, column: target.column), in: scope).rows.first ?? []
        guard row.count == 10 else { throw contradiction(target.version, ["no counts"]) }
        let numbers = row.prefix(8).map { $0.integer ?? -1 }
        return CheckpointCounts(
            actions: numbers[0], files: numbers[1], bytes: numbers[2], transactions: numbers[3], protocols: numbers[4],
            tables: numbers[5], domains: numbers[6], filesWithoutPartition: numbers[7], tableID: row[8].text,
            schema: row[9].text)
    }

    private func contradiction(_ version: Int64, _ differences: [String]) -> TableError {
        TableError(
            .damaged,
            """
            The checkpoint of version \(version) of \(log) was computed and not added, because it contradicts the log: it \
            has \(differences.joined(separator: ", ")).
            """)
    }

    /// DuckDB's messages may quote statistics, which are values of rows, so only their kind is passed on.
    private func reporting<Result>(_ version: Int64, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DuckDBError {
            throw TableError(
                .io, "The checkpoint of version \(version) of \(log) could not be computed (DuckDB: \(error.kind)).")
        }
    }
}

internal import DuckDBEngine
internal import Foundation
internal import Synchronization

/// When files of ours were taken out of a table, as far as its log still tells.
///
/// Readers of older versions need such files until the table lets them expire.
struct Tombstones: Sendable {
    private(set) var version: Int64 = -1
    /// By the canonical path: milliseconds since 1970; nil where the log does not say.
    private var removed: [String: Int64?] = [:]

    /// When a file was removed; nil where the log knows of no removal, and a nil within where it does not say when.
    func removal(of path: String) -> Int64?? { removed[path] }

    mutating func note(_ path: String, at time: Int64?) {
        let canonical = DeltaPath.canonical(path)
        guard PublishedFileName(Path.name(of: canonical)) != nil else { return }
        guard let earlier = removed[canonical] else {
            removed.updateValue(time, forKey: canonical)
            return
        }
        // The same file may have been removed, restored and removed again; a removal without a time is never old enough.
        let latest: Int64? = if let earlier, let time { max(earlier, time) } else { nil }
        removed.updateValue(latest, forKey: canonical)
    }

    mutating func finish(_ version: Int64) { self.version = version }
}

/// The tombstones of a table, read once in a process, and only for cleaning up.
final class SharedTombstones: Sendable {
    private let tombstones = Mutex<Tombstones?>(nil)

    /// Hands over what the log says up to a version, or a later one.
    func value(of log: DeltaLog, through version: Int64) throws -> Tombstones {
        try tombstones.withLock { tombstones in
            if tombstones == nil { tombstones = try read(log, through: version) }
            while let known = tombstones?.version, known < version {
                let next = known + 1
                guard let (actions, _) = try LogEntryReader().actions(in: log.path(of: next)) else {
                    // Somebody has cleaned the log up meanwhile: a checkpoint stands for the entry.
                    tombstones = try read(log, through: version)
                    break
                }
                for case .remove(let file) in actions { tombstones?.note(file.path, at: file.deletionTimestamp) }
                tombstones?.finish(next)
            }
            guard let tombstones, tombstones.version >= version else {
                throw TableError(
                    .busy, "Entries of \(log.folder) were removed while they were read. Try again when that is done.")
            }
            return tombstones
        }
    }

    private func read(_ log: DeltaLog, through version: Int64) throws -> Tombstones {
        var found = Tombstones()
        guard let plan = try log.plan(through: version) else { return found }
        if !plan.checkpoint.isEmpty { try readCheckpoint(plan.checkpoint, log.folder, into: &found) }
        found.finish(plan.checkpoint.first?.version ?? -1)
        for version in plan.entries.map(Array.init) ?? [] {
            guard let (actions, _) = try LogEntryReader().actions(in: log.path(of: version)) else { break }
            for case .remove(let file) in actions { found.note(file.path, at: file.deletionTimestamp) }
            found.finish(version)
        }
        return found
    }

    private func readCheckpoint(_ parts: [CheckpointPart], _ log: String, into found: inout Tombstones) throws {
        let scope = CancellationScope()
        do {
            let connection = try Database(
                options: DatabaseOptions(memoryLimit: "1GB", threads: 2),
                environment: ProcessInfo.processInfo.environment
            ).connect()
            let relations = try CheckpointRelations(log: log, connection: connection).relations(of: parts)
            for relation in relations.files where relation.has("remove.path") {
                let time = relation.has("remove.deletionTimestamp") ? #""remove"."deletionTimestamp""# : "NULL::BIGINT"
                let query = #"SELECT "remove"."path", \#(time) FROM \#(relation.sql) WHERE "remove"."path" IS NOT NULL"#
                try connection.forEachRow(of: query, in: scope) { row in
                    found.note(row[0].text ?? "", at: row[1].integer)
                }
            }
        } catch let error as DuckDBError {
            throw TableError(
                .io, "The checkpoint in \(log) could not be read (DuckDB: \(error.kind)). Nothing was removed.")
        }
    }
}

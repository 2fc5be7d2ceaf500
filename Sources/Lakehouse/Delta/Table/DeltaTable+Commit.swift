internal import FaultPoints
internal import Foundation
internal import Glibc
internal import Partitions

/// What one attempt is about to commit.
struct PendingCommit {
    let staging: Staging
    let base: PartitionBase
    let prepared: PreparedFiles
    let rows: Int64
}

extension DeltaTable {
    /// Makes an attempt's entry the next version, against whatever version that is by then.
    ///
    /// Each round reads what is new and judges it. An entry that says what the newest version calls for is renamed into the
    /// log; where somebody else was faster, the next round reads what it was.
    func commit(_ pending: PendingCommit) throws -> CommitResult {
        let staging = pending.staging
        let source = layout.entry(staging.key, .commit(staging.writer))
        var written: CommitEntry?
        var accepted = pending.base.digest
        while true {
            let look = try look(at: staging.key)
            let entry: CommitEntry
            switch try judge(pending, look, &accepted) {
            case .entry(let judged): entry = judged
            case .settled(let outcome): return .settled(outcome)
            }
            if written?.says(sameAs: entry) != true {
                guard try write(entry.text(), into: source, [staging.writer]) else {
                    return .settled(try outcomeWithoutCommit(staging))
                }
                try faults.reached(.entryWritten)
                written = entry
                continue
            }
            try failedSyncs.remembering(staging.writer) { try log.syncForeignEntries() }
            try faults.reached(.aboutToCommit)
            switch try rename(source, to: look.version + 1, [staging.writer]) {
            case .taken: continue
            case .gone: return .settled(try outcomeWithoutCommit(staging))
            case .done: note([written ?? entry], staging.writer.claimID, as: look.version + 1)
            }
            try faults.reached(.committed)
            try syncLog(for: [staging.writer])
            try faults.reached(.commitSynced)
            return .committed
        }
    }

    /// What an attempt may do at one version.
    enum Judgement {
        case entry(CommitEntry)
        /// Nothing: it is known already what becomes of it.
        case settled(PublishOutcome)
    }

    /// Judges what has happened since the attempt began.
    ///
    /// `accepted` is the checksum of the partition as it may be replaced.
    func judge(_ pending: PendingCommit, _ look: Look, _ accepted: inout String) throws -> Judgement {
        if let table = look.table {
            if let fence = table.committedFence, fence >= pending.staging.writer.fence {
                return .settled(try outcomeBehind(fence, pending, table))
            }
            try recheck(table, pending.prepared, for: pending.staging.writer)
            accepted = try acceptedDigest(table, at: look.version, pending, accepted)
        } else if pending.base.version >= 0 {
            throw changedByOthers(pending.staging.key)
        }
        return .entry(try entry(for: look, pending))
    }

    /// What became of a step that publishes.
    enum Rename { case done, taken, gone }

    /// The step that publishes: put-if-absent, and only while the name has not been taken away.
    func rename(_ source: String, to version: Int64, _ writers: [Writer]) throws -> Rename {
        if version == 0 { for writer in writers { try ensureDataFolder(layout.log, writer) } }
        let failure = try FileSystem.expecting(EEXIST, ENOENT) { () throws(SystemCallError) in
            try FileSystem.renameToNew(source, to: log.path(of: version))
        }
        guard let failure else { return .done }
        if failure.number == EEXIST { return .taken }
        if try FileSystem.status(of: source) != nil { throw failure }
        return .gone
    }

    /// Spares reading what was just written; an entry that changes the table is read, since it is rare and says more.
    func note(_ entries: [CommitEntry], _ transactionID: UUID, as version: Int64) {
        guard !entries.contains(where: \.changesTable) else { return }
        log.note(CommitEntry.actions(of: entries, transactionID: transactionID.uuidString.lowercased()), as: version)
    }

    /// Brings a committed attempt to its end.
    func conclude(_ pending: PendingCommit) throws -> PublishOutcome {
        let (staging, files) = (pending.staging, pending.prepared.files)
        try endIfPossible(staging)
        try faults.reached(.attemptEnded)
        writeCheckpointIfDue()
        return .published(
            Generation(
                writer: staging.writer, version: staging.writer.name,
                files: files.map { layout.root + "/" + $0.path }.sorted(),
                bytes: files.reduce(0) { $0 + $1.status.size }, rows: pending.rows))
    }

    /// Says that the attempt has ended, unless the disk has no room for that.
    ///
    /// The generation is committed and durable by now, and that is what the caller must learn; the next `begin` sorts out
    /// what is left.
    func endIfPossible(_ staging: Staging) throws {
        do {
            try end(staging, attemptEntries(of: staging.key))
        } catch let error as SystemCallError where error.number == ENOSPC || error.number == EDQUOT {
            return
        }
    }

    private func outcomeBehind(
        _ fence: Int64, _ pending: PendingCommit, _ table: TableFacts
    ) throws -> PublishOutcome {
        if fence > pending.staging.writer.fence { return .fenced(by: fence) }
        // Committed with others, by a call that failed before it could say so.
        if DeltaTable.soleWriter(of: table.partition) == pending.staging.writer {
            return try outcomeWithoutCommit(pending.staging)
        }
        throw TableError(
            .refused,
            """
            Partition \(pending.staging.key) of \(layout.root) has been committed with fence \(fence) by another claim. \
            Two ledgers seem to write this table: use one.
            """)
    }

    /// The table may have got another schema, or another protocol, since the files were looked at.
    private func recheck(_ table: TableFacts, _ prepared: PreparedFiles, for writer: Writer) throws {
        guard table.metadata != prepared.checkedAgainst else { return }
        let others = prepared.checkedAgainst?.partitionColumns?.filter { $0 != layout.column } ?? []
        guard table.otherColumns.map(\.name) == others else {
            throw differentSchema(["the partition columns have been changed while the attempt was at work"])
        }
        let partitionColumns = table.metadata.partitionColumns ?? []
        for file in prepared.files {
            let difference = SchemaDifference(
                staged: file.footer.schema, table: table.schema, partitionColumns: partitionColumns,
                allowing: allowance(for: writer, table))
            guard difference.sentences.isEmpty else { throw differentSchema(difference.sentences) }
        }
    }

    /// The checksum of the partition as it may be replaced: as it was at the beginning, or with the same rows in other
    /// files.
    private func acceptedDigest(
        _ table: TableFacts, at version: Int64, _ pending: PendingCommit, _ accepted: String
    ) throws -> String {
        let digest = PartitionBase.digest(of: table.partition)
        if digest == accepted || options.supersedes { return digest }
        guard let actions = try log.actions(after: pending.base.version, through: version),
            PartitionChange(actions, column: table.column.field, value: table.value) == .rearranged
        else { throw changedByOthers(pending.staging.key) }
        return digest
    }

    private func entry(for look: Look, _ pending: PendingCommit) throws -> CommitEntry {
        let (staging, files, now) = (pending.staging, pending.prepared.files, clock())
        let claim = staging.writer.claimID
        let newTable: NewTable? =
            look.table == nil
            ? try NewTable(
                id: claim, columns: newColumns(of: files),
                partitionedBy: PartitionColumn.new(layout.column, for: granularity), timestamp: now) : nil
        let column = PartitionColumn(
            field: look.table?.column.field ?? PartitionColumn.new(layout.column, for: granularity))
        let header = CommitEntry.Header(
            applicationID: applicationID(look.table?.metadata.id ?? claim.uuidString.lowercased(), staging.key),
            fence: staging.writer.fence, transactionID: claim.uuidString.lowercased(),
            predicate: column.predicate(of: staging.key), readVersion: look.version, timestamp: now,
            inCommitTimestamp: try inCommitTimestamp(after: look, now: now))
        return CommitEntry(
            header: header, newTable: newTable, removed: look.table?.partition.sorted { $0.path < $1.path } ?? [],
            added: files.map { added($0, column.text(of: staging.key), of: files.count) },
            evolved: try evolvedMetadata(files.map(\.footer.schema), look.table))
    }

    private func newColumns(of files: [DataFile]) throws -> [DeltaField] {
        let schemas = files.map(\.footer.schema)
        guard let first = schemas.first else { return [] }
        for schema in schemas.dropFirst() {
            let difference = SchemaDifference(staged: schema, table: first, partitionColumns: [])
            guard difference.sentences.isEmpty else { throw differentSchema(difference.sentences) }
        }
        return first.fields
    }

    private func added(_ file: DataFile, _ value: String, of count: Int) -> AddedFile {
        var values = file.otherValues
        values.updateValue(value, forKey: layout.column)
        return AddedFile(
            path: DeltaPath.encoded(file.path), partitionValues: values, size: file.status.size,
            modificationTime: file.status.modifiedNanoseconds / 1_000_000, dataChange: true,
            stats: FileStatistics(file.footer).json, tags: [AddedFile.fileCountTag: String(count)], deletionVector: nil)
    }

    /// Writes an entry into the file that waits to become one, and to the disk; false where that was taken away.
    func write(_ text: String, into path: String, _ writers: [Writer]) throws -> Bool {
        do {
            try FileSystem.overwrite(path, with: Array(text.utf8))
            try failedSyncs.remembering(writers) { try FileSystem.syncFile(path) }
            return true
        } catch let error as SystemCallError where error.number == ENOENT {
            return false
        }
    }
}

extension CommitEntry {
    /// Whether the entry changes what entries of other partitions are judged by.
    var changesTable: Bool { newTable != nil || evolved != nil }

    /// Whether both change the same things: another version to read from, or another time, need no new entry.
    func says(sameAs other: CommitEntry) -> Bool {
        header.applicationID == other.header.applicationID && removed == other.removed && added == other.added
            && (newTable == nil) == (other.newTable == nil) && evolved == other.evolved
            && InCommitTimestamp.isInOrder(header.inCommitTimestamp, after: other.header.inCommitTimestamp)
    }
}

internal import FaultPoints
internal import Glibc
internal import Partitions

extension DeltaTable {
    /// Makes the staged files the partition, in one atomic step, and durably.
    ///
    /// May be called again for the same staging after an error: what has been committed is reported as such and never
    /// committed twice.
    public func publish(_ staging: Staging, rows: Int64) throws -> PublishOutcome {
        try reporting("publish partition \(staging.key)") {
            try failedSyncs.check(staging.writer)
            guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else {
                throw strange(staging)
            }
            guard let folder = try DirectoryHandle.openIfPresent(staging.directory) else {
                return try outcomeWithoutCommit(staging)
            }
            // Only calls for the same attempt meet at this lock, so a stopped process blocks nobody but itself.
            guard try folder.tryLock() else { throw busy(staging) }
            return try publish(staging, from: FolderContents(of: folder), rows: rows)
        }
    }

    private func publish(_ staging: Staging, from contents: FolderContents, rows: Int64) throws -> PublishOutcome {
        let standing = try attemptEntries(of: staging.key)
        guard standing.has(.commit(staging.writer)) else { return try outcomeWithoutCommit(staging) }
        guard let base = standing.base(of: staging.writer) else { throw strange(staging) }
        let look = try look(at: staging.key)
        if let fence = fence(above: staging, standing, look.table) { return .fenced(by: fence) }
        let prepared: PreparedFiles
        do {
            prepared = try prepare(staging, contents, rows: rows, look.table)
        } catch {
            // Whatever was found missing, a higher fence may have taken away.
            if try attemptEntries(of: staging.key).has(.commit(staging.writer)) { throw error }
            return try outcomeWithoutCommit(staging)
        }
        do {
            try faults.reached(.filesMoved)
            return try commitInTurn(PendingCommit(staging: staging, base: base, prepared: prepared, rows: rows))
        } catch let error as SystemCallError where error.number == ENOENT {
            // A higher fence has cleared the staging meanwhile.
            if try attemptEntries(of: staging.key).has(.commit(staging.writer)) { throw error }
            return try outcomeWithoutCommit(staging)
        }
    }

    private func fence(above staging: Staging, _ standing: DeltaStanding, _ table: TableFacts?) -> Int64? {
        let names = standing.entries.map(\.writer.fence).max() ?? 0
        let highest = max(names, table?.committedFence ?? 0)
        return highest > staging.writer.fence ? highest : nil
    }

    /// Checks the staged files and moves them into the table's folder.
    private func prepare(
        _ staging: Staging, _ contents: FolderContents, rows: Int64, _ table: TableFacts?
    ) throws -> PreparedFiles {
        let files = DeltaStagedFiles(table: self, staging: staging, otherColumns: table?.otherColumns ?? [])
        let staged = try files.staged(in: contents)
        var known: [DataFileNode: ParquetFooter] = [:]
        for path in staged {
            let footer = try footers.footer(of: path)
            try check(footer.schema, against: table, for: staging.writer)
            if let status = try FileSystem.status(of: path) { known[DataFileNode(status)] = footer }
        }
        try files.arrange(staged)
        let moved = try files.move(known)
        guard !moved.isEmpty else {
            throw TableError(
                .refused,
                """
                Nothing was staged for partition \(staging.key) in \(staging.directory). A result without rows is a \
                Parquet file without rows: write one.
                """)
        }
        if staged.isEmpty, let table { try checkArranged(moved, table, for: staging.writer) }
        let found = moved.reduce(0) { $0 + $1.footer.rows }
        guard found == rows else {
            throw TableError(
                .refused,
                """
                The files staged for partition \(staging.key) have \(found) rows, but \(rows) were announced. Nothing \
                was published; run the partition again.
                """)
        }
        if let table { try checkNulls(moved, table.schema) }
        return PreparedFiles(files: moved, checkedAgainst: table?.metadata)
    }

    /// Refuses files that the table's readers would not read as they are meant.
    func check(_ schema: DeltaSchema, against table: TableFacts?, for writer: Writer) throws {
        guard let table else {
            guard schema.field(layout.column) == nil else {
                throw differentSchema(["\(layout.column) is the partition column, which files do not hold"])
            }
            return
        }
        let difference = SchemaDifference(
            staged: schema, table: table.schema, partitionColumns: [table.column.field.name],
            allowing: allowance(for: writer, table))
        guard difference.sentences.isEmpty else { throw differentSchema(difference.sentences) }
        _ = try evolvedMetadata([schema], table)
    }

    /// Refuses files that were arranged before, by an earlier call or as they are put back, where they do not fit.
    private func checkArranged(_ files: [DataFile], _ table: TableFacts, for writer: Writer) throws {
        for file in files {
            let difference = SchemaDifference(
                staged: file.footer.schema, table: table.schema,
                partitionColumns: table.metadata.partitionColumns ?? [], allowing: allowance(for: writer, table))
            guard difference.sentences.isEmpty else { throw differentSchema(difference.sentences) }
        }
    }

    private func checkNulls(_ files: [DataFile], _ schema: DeltaSchema) throws {
        for field in schema.fields where !field.isNullable {
            for file in files where file.footer.schema.field(field.name) != nil && file.footer.rows > 0 {
                let location = layout.root + "/" + file.path
                let nulls = try footers.value().countNulls(in: field.name, of: location)
                guard nulls == 0 else {
                    throw differentSchema(["\(field.name) must not be null, and \(nulls) staged rows have no value"])
                }
            }
        }
    }

    /// Makes a folder for data files and its parents durable, once in a process.
    func ensureDataFolder(_ path: String, _ writer: Writer) throws {
        let exists = try FileSystem.status(of: path) != nil
        if exists, durableDataFolders.contains(path) { return }
        if path != layout.root { try ensureDataFolder(Path.parent(of: path), writer) }
        try FileSystem.ensureDirectory(path)
        // Also where the folder is there: whoever made it may not have come to it yet.
        try failedSyncs.remembering(writer) { try FileSystem.syncDirectory(Path.parent(of: path)) }
        durableDataFolders.insert(path)
    }

    /// The outcome where there is nothing left to commit: committed already, or taken away.
    func outcomeWithoutCommit(_ staging: Staging) throws -> PublishOutcome {
        let standing = try standing(of: staging.key)
        let partition = try look(at: staging.key).table?.partition ?? []
        if DeltaTable.soleWriter(of: partition) == staging.writer {
            try syncLog(for: staging.writer)
            try endIfPossible(staging)
            guard let generation = try current(staging.key), generation.writer == staging.writer else {
                throw replacedByOthers(staging)
            }
            return .published(generation)
        }
        if case .fenced(let fence) = standing.verdict(on: staging.writer) { return .fenced(by: fence) }
        if standing.committedFence == staging.writer.fence { throw replacedByOthers(staging) }
        throw TableError(
            .refused, "Attempt \(staging.writer.name) has been discarded. A new attempt needs a new fence.")
    }
}

/// Files in the table's folder that no log entry names yet.
struct PreparedFiles {
    let files: [DataFile]
    /// The table's metadata with which the files were compared; nil where there was no table.
    let checkedAgainst: DeltaMetadata?
}

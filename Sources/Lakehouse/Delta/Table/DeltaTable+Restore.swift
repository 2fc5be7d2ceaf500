public import Partitions

extension DeltaTable {
    /// The generation that an attempt replaced, where its files are still there.
    ///
    /// The log entry that committed the attempt names the files that it removed from the partition.
    public func replaced(_ key: PartitionKey, by writer: Writer) throws -> ReplacedGeneration {
        try reporting("look for what attempt \(writer.name) replaced in partition \(key)") {
            switch try replacedFiles(key, by: writer) {
            case .nothing: .nothing
            case .gone(let reason): .gone(reason: reason)
            case .kept(let files, let table): .kept(try kept(files, in: table))
            }
        }
    }

    /// Fills a begun staging with hard links to the files of the generation that an attempt replaced.
    ///
    /// Where the table has other partition columns, the files get the folders of their values at once: they are not split
    /// anew, and stay the same byte for byte.
    public func stageReplaced(by writer: Writer, into staging: Staging) throws {
        try reporting("stage what attempt \(writer.name) replaced in partition \(staging.key)") {
            switch try replacedFiles(staging.key, by: writer) {
            case .nothing: throw TableError(.missing, ReplacedGeneration.nothingToPutBack(staging.key, writer))
            case .gone(let reason): throw TableError(.missing, reason)
            case .kept(let files, let table):
                begunColumns.noteRestored(staging.writer)
                try filling(staging) {
                    let others = table.otherColumns
                    if others.isEmpty {
                        let paths = files.map(location)
                        try LinkedFiles(paths, faults: faults).fill(staging.directory, age: .new)
                    } else {
                        try DeltaStagedFiles(table: self, staging: staging, otherColumns: others).restore(files)
                    }
                }
            }
        }
    }

    /// What an attempt removed from its partition.
    private enum ReplacedFiles {
        /// Every file is there.
        case kept([RemovedFile], TableFacts)
        case nothing
        case gone(String)
    }

    private func replacedFiles(_ key: PartitionKey, by writer: Writer) throws -> ReplacedFiles {
        let look = try look(at: key)
        guard let table = look.table else { return .gone("\(layout.root) has no log any more.") }
        switch try committedAttempts.commit(of: writer, in: log, through: look.version) {
        case .never: return .gone("Attempt \(writer.name) has never published partition \(key) of \(layout.root).")
        case .unreachable: return .gone(logCleanedUp(key, writer))
        case .committed(let commit):
            guard let actions = try log.actions(after: commit.version - 1, through: commit.version) else {
                return .gone(logCleanedUp(key, writer))
            }
            let files = removed(by: actions, from: table)
            guard !files.isEmpty else { return .nothing }
            if let obstacle = try obstacle(files, table, before: commit.version) { return .gone(obstacle) }
            return .kept(files, table)
        }
    }

    /// The files that an entry took out of a partition: that of a group takes files out of several.
    private func removed(by actions: [DeltaAction], from table: TableFacts) -> [RemovedFile] {
        actions.compactMap { action -> RemovedFile? in
            guard case .remove(let file) = action, let text = file.partitionValues?[layout.column],
                PartitionValue(text, type: table.column.field.type) == table.value
            else { return nil }
            return file
        }.sorted { $0.key.path < $1.key.path }
    }

    /// Why files cannot be put back; nil where they can.
    private func obstacle(_ files: [RemovedFile], _ table: TableFacts, before version: Int64) throws -> String? {
        let partial = files.filter { $0.deletionVector != nil }
        guard partial.isEmpty else {
            return """
                Rows of \(Path.name(of: location(partial[0]))) had been deleted without rewriting the file, and a file \
                with a deletion vector cannot be put back alone. RESTORE of the whole table to version \(version - 1), \
                by another program, brings it back.
                """
        }
        let others = table.otherColumns.map(\.name)
        guard files.allSatisfy({ file in others.allSatisfy { file.partitionValues?.keys.contains($0) == true } }) else {
            return "The table was partitioned by other columns then, so its files of that time do not fit it."
        }
        let absent = try files.filter { try FileSystem.status(of: location($0)) == nil }
        guard absent.isEmpty else {
            return """
                \(absent.count) of its \(files.count) files have been removed, such as \
                \(Path.name(of: location(absent[0]))): the table does not keep what was replaced any longer.
                """
        }
        return nil
    }

    private func kept(_ files: [RemovedFile], in table: TableFacts) throws -> ReplacedGeneration.Kept {
        let live = try liveFiles(files)
        let writer = DeltaTable.soleWriter(of: live)
        let paths = files.map(location)
        return ReplacedGeneration.Kept(
            writer: writer, version: writer?.name ?? "foreign-" + PartitionBase.digest(of: live), files: paths.sorted(),
            bytes: try paths.reduce(0) { $0 + (try FileSystem.status(of: $1)?.size ?? 0) },
            rows: try paths.reduce(0) { $0 + (try footers.footer(of: $1).rows) }, expiry: expiry(of: files, table),
            otherValues: otherValues(of: files, table))
    }

    private func otherValues(of files: [RemovedFile], _ table: TableFacts) -> [String: [String: String?]] {
        let others = Set(table.otherColumns.map(\.name))
        guard !others.isEmpty else { return [:] }
        let values = files.map { file in
            (location(file), (file.partitionValues ?? [:]).filter { others.contains($0.key) })
        }
        return Dictionary(values, uniquingKeysWith: { first, _ in first })
    }

    /// The files as the log knew them before they were removed, as far as it matters.
    private func liveFiles(_ files: [RemovedFile]) throws -> [LiveFile] {
        var counts: [Writer: Int] = [:]
        for writer in Set(files.compactMap { PublishedFileName(Path.name(of: $0.key.path))?.writer }) {
            let version = try log.withLatest { $0?.version ?? -1 }
            // Where the log does not reach back so far, the names are all there is to go by.
            if case .committed(let commit) = try committedAttempts.commit(of: writer, in: log, through: version) {
                counts[writer] = commit.files
            }
        }
        return files.map { file in
            LiveFile(
                path: file.path, partitionValues: file.partitionValues ?? [:], size: file.size ?? 0,
                deletionVector: file.deletionVector, rows: nil,
                publishedFiles: PublishedFileName(Path.name(of: file.key.path)).flatMap { counts[$0.writer] })
        }
    }

    private func expiry(of files: [RemovedFile], _ table: TableFacts) -> ReplacedGeneration.Expiry {
        guard let retention = DeltaProperties(table.metadata).deletedFileRetention else { return .unknown }
        // A removal without a time is one of long ago ("Add File and Remove File").
        let removal = files.map { $0.deletionTimestamp ?? 0 }.min() ?? 0
        return .after(.milliseconds(max(0, removal + retention - clock())))
    }

    private func location(_ file: RemovedFile) -> String { DeltaPath.location(of: file.path, in: layout.root) }

    private func logCleanedUp(_ key: PartitionKey, _ writer: Writer) -> String {
        """
        The log entry by which attempt \(writer.name) published partition \(key) has been cleaned up, so nobody can tell \
        any more which files it replaced.
        """
    }
}

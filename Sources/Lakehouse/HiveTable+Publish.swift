internal import FaultPoints
internal import Glibc
internal import Partitions

extension HiveTable {
    /// Makes the staged files the partition, in one atomic step, and durably.
    ///
    /// May be called again for the same staging after an error: what has been published is reported as such and never
    /// swapped back.
    public func publish(_ staging: Staging, rows: Int64) throws -> PublishOutcome {
        try reporting("publish partition \(staging.key)") {
            try failedSyncs.check(staging.writer)
            let path = layout.entry(staging.key, .staging(staging.writer))
            guard staging.directory == path else { throw strange(staging) }
            guard let folder = try DirectoryHandle.openIfPresent(path) else {
                return try outcomeWithoutFolder(staging)
            }
            // Only calls for the same attempt meet at this lock, so a stopped process blocks nobody but itself.
            guard try folder.tryLock() else { throw busy(staging) }
            guard let named = try FileSystem.status(of: path) else { return try outcomeWithoutFolder(staging) }
            let locked = try folder.status()
            guard named.isSameNode(as: locked) else { throw busy(staging) }
            let contents = try FolderContents(of: folder)
            switch try look(at: contents, staging) {
            case .settled(let outcome): return outcome
            case .open(let earlier):
                return try publish(StagedFiles(contents, staging, rows: rows, replacing: earlier), staging)
            }
        }
    }

    private func publish(_ staged: StagedFiles, _ staging: Staging) throws -> PublishOutcome {
        do {
            try prepare(staged, staging)
        } catch let error as SystemCallError where error.number == ENOENT {
            if try isStill(staging) { throw error }
            return try outcomeWithoutFolder(staging)
        }
        guard try exchange(staging) else { return try outcomeWithoutFolder(staging) }
        try faults.reached(.exchangeVerified)
        try finish(staged.record, staging.key)
        try archiveIfPossible(staging)
        try faults.reached(.replacedArchived)
        return .published(staged.generation(in: layout.partition(staging.key)))
    }

    private func prepare(_ staged: StagedFiles, _ staging: Staging) throws {
        try staged.nameFiles()
        try faults.reached(.filesNamed)
        try write(staged, staging.key)
        try faults.reached(.recordWritten)
        try failedSyncs.remembering(staging.writer) { try staged.sync() }
        try faults.reached(.stagingSynced)
    }

    /// What a look at a partition says before anything is done.
    private enum Look {
        /// Published already, or not allowed any more.
        case settled(PublishOutcome)
        /// To be published; an earlier call for the same attempt may have left a record.
        case open(earlier: PublishRecord?)
    }

    private func look(at contents: FolderContents, _ staging: Staging) throws -> Look {
        let (standing, visible) = try standing(of: staging.key)
        if visible?.soleWriter == staging.writer { return .settled(try outcomeOfPublished(staging)) }
        if case .fenced(let fence) = standing.verdict(on: staging.writer) { return .settled(.fenced(by: fence)) }
        let record = standing.record(of: staging.writer)
        if record != nil, !contents.writers.contains(staging.writer) { throw replacedByOthers(staging) }
        return .open(earlier: record)
    }

    /// The outcome where the staging folder has gone: published as a new partition, or revoked.
    private func outcomeWithoutFolder(_ staging: Staging) throws -> PublishOutcome {
        let (standing, visible) = try standing(of: staging.key)
        if visible?.soleWriter == staging.writer { return try outcomeOfPublished(staging) }
        if case .fenced(let fence) = standing.verdict(on: staging.writer) {
            // This attempt cannot publish any more, so its record must not say that it is about to; but where the
            // folder waits to be judged, the record is what it is judged by.
            let isJudged = !standing.entries.contains(.revoked(staging.writer))
            if isJudged, let record = standing.record(of: staging.writer), record.state == .publishing {
                try FileSystem.removeFile(layout.entry(staging.key, .record(record)))
            }
            return .fenced(by: fence)
        }
        throw replacedByOthers(staging)
    }

    private func outcomeOfPublished(_ staging: Staging) throws -> PublishOutcome {
        if let record = try record(of: staging.writer, staging.key) { try finish(record, staging.key) }
        try archiveIfPossible(staging)
        guard let generation = try current(staging.key), generation.writer == staging.writer else {
            throw replacedByOthers(staging)
        }
        return .published(generation)
    }

    private func write(_ staged: StagedFiles, _ key: PartitionKey) throws {
        // An earlier call may have written other numbers for the same attempt.
        if let earlier = staged.earlierRecord, earlier != staged.record {
            try FileSystem.removeFile(layout.entry(key, .record(earlier)))
        }
        try marks.make(layout.entry(key, .record(staged.record)))
    }

    /// Brings an exchange that has happened to the disk, and says so in the record.
    func finish(_ record: PublishRecord, _ key: PartitionKey) throws {
        guard record.state == .publishing else { return }
        try failedSyncs.remembering(record.writer) {
            try FileSystem.syncDirectory(layout.root)
            try FileSystem.syncDirectory(layout.stagings(key))
        }
        try faults.reached(.exchangeSynced)
        // It may have gone: an attempt with a higher fence settles the same record.
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try marks.rename(
                layout.entry(key, .record(record)), to: layout.entry(key, .record(record.published)))
        }
        try faults.reached(.recordSettled)
    }

    /// Puts away what the attempt has replaced, unless the disk has no room for one more folder.
    ///
    /// The generation is published and durable by now, and that is what the caller must learn. What was replaced stays
    /// under the staging's name, and the next `begin` puts it away or says that the disk is full.
    private func archiveIfPossible(_ staging: Staging) throws {
        do {
            try archive(staging.key, from: staging.directory, replacedBy: staging.writer)
        } catch let error as SystemCallError where error.number == ENOSPC || error.number == EDQUOT {
            return
        }
    }

    /// Puts a replaced generation away, for readers that have it open and for undo.
    ///
    /// Needs no sync: where a crash undoes it, the next attempt finds the folder and does it again.
    func archive(_ key: PartitionKey, from path: String, replacedBy writer: Writer) throws {
        let place = layout.replaced(key, by: writer)
        let missing = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.renameToNew(path, to: place)
        }
        // There is no such folder after a new partition, or an attempt with a higher fence has put it away.
        guard missing != nil, try FileSystem.status(of: path) != nil else { return }
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.ensureDirectory(layout.replaced(key), syncsParents: false)
            try FileSystem.renameToNew(path, to: place)
        }
    }
}

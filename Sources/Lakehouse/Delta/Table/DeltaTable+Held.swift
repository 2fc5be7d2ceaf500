internal import FaultPoints
internal import Glibc
public import Partitions

extension DeltaTable {
    var heldStagings: HeldStagings { HeldStagings(sibling: layout.sibling, faults: faults) }

    /// Sets a staging aside, durably, until somebody decides.
    ///
    /// A higher fence takes the attempt's name away first and removes its files afterwards. So where the name is still there
    /// after the folder was renamed, nothing of it is missing. May be called again after an error.
    public func hold(_ staging: Staging) throws -> HeldGeneration {
        try reporting("set the staging of partition \(staging.key) aside") {
            try failedSyncs.check(staging.writer)
            guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else {
                throw strange(staging)
            }
            guard let folder = try DirectoryHandle.openIfPresent(staging.directory) else {
                return try heldAlready(staging)
            }
            guard try folder.tryLock() else { throw busy(staging) }
            guard try hasName(staging) else { throw try withoutName(staging) }
            do {
                let contents = try FolderContents(of: folder)
                try refuseArranged(contents, staging)
                try HeldContents(contents, staging).prepare(failedSyncs, of: staging.writer)
            } catch {
                // Whatever was found missing, a higher fence may have taken away.
                if try hasName(staging) { throw error }
                throw try withoutName(staging)
            }
            try faults.reached(.heldSynced)
            return try setAside(staging)
        }
    }

    private func setAside(_ staging: Staging) throws -> HeldGeneration {
        try faults.reached(.aboutToHold)
        guard try heldStagings.setAside(staging.directory, staging.key, staging.writer, durable) else {
            return try heldAlready(staging)
        }
        guard try hasName(staging) else {
            // What was renamed may be half of what was staged.
            _ = try heldStagings.drop(staging.key, staging.writer)
            throw try withoutName(staging)
        }
        try faults.reached(.setAside)
        return try finishHolding(staging)
    }

    private func finishHolding(_ staging: Staging) throws -> HeldGeneration {
        try heldStagings.sync(staging.key, from: layout.attempts(staging.key), failedSyncs, of: staging.writer)
        try endIfPossible(staging)
        return try heldStagings.whole(staging.key, staging.writer)
    }

    /// What became of a staging that has no folder: held by an earlier call, or taken away.
    private func heldAlready(_ staging: Staging) throws -> HeldGeneration {
        let standing = try attemptEntries(of: staging.key)
        guard standing.has(.commit(staging.writer)) || standing.has(.ended(staging.writer)),
            try heldStagings.generation(staging.key, staging.writer) != nil
        else { throw try withoutName(staging) }
        return try finishHolding(staging)
    }

    /// Files that have been arranged, or moved into the table's folder, belong to a publish that has begun.
    private func refuseArranged(_ contents: FolderContents, _ staging: Staging) throws {
        let isArranged = contents.hiddenEntries.contains { entry in
            entry.name == DeltaStagedFiles.arranged || PublishedFileName(String(entry.name.dropFirst())) != nil
        }
        guard try isArranged || !dataFiles(of: staging.writer, staging.key).isEmpty else { return }
        throw TableError(
            .refused,
            "Attempt \(staging.writer.name) has begun to publish partition \(staging.key), so it cannot be held.")
    }

    /// What is held of an attempt; nil where it is gone, or was never held.
    public func held(_ key: PartitionKey, by writer: Writer) throws -> HeldGeneration? {
        try reporting("look for what is held of partition \(key)") { try heldStagings.generation(key, writer) }
    }

    /// Fills a begun staging with hard links to what is held of an attempt.
    public func stageHeld(by writer: Writer, into staging: Staging) throws {
        try reporting("stage what is held of partition \(staging.key)") {
            let files = try heldStagings.files(staging.key, writer)
            try filling(staging) { try files.fill(staging.directory, age: .new) }
        }
    }

    /// Removes what is held of an attempt.
    public func dropHeld(_ key: PartitionKey, by writer: Writer) throws {
        _ = try reporting("remove what is held of partition \(key)") { try heldStagings.drop(key, writer) }
    }

    /// Fills a begun staging, and says so where it was taken away meanwhile.
    func filling<Result>(_ staging: Staging, _ body: () throws -> Result) throws -> Result {
        guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else { throw strange(staging) }
        do {
            return try body()
        } catch let error as SystemCallError where error.number == ENOENT {
            if try hasName(staging) { throw error }
            throw try withoutName(staging)
        }
    }

    private func hasName(_ staging: Staging) throws -> Bool {
        try attemptEntries(of: staging.key).has(.commit(staging.writer))
    }

    /// Why an attempt cannot commit any more.
    private func withoutName(_ staging: Staging) throws -> TableError {
        if case .fenced(let fence) = try standing(of: staging.key).verdict(on: staging.writer) {
            return fenced(staging.key, staging.writer, by: fence)
        }
        return TableError(
            .damaged,
            """
            Attempt \(staging.writer.name) has ended in partition \(staging.key), by itself or because it stood still, was \
            taken for dead, and was cleaned up. Run the partition again.
            """)
    }
}

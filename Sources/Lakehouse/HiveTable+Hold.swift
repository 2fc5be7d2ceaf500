internal import FaultPoints
internal import Glibc
public import Partitions

extension HiveTable {
    var heldStagings: HeldStagings { HeldStagings(sibling: layout.sibling, faults: faults) }

    /// Sets a staging aside, durably, until somebody decides.
    ///
    /// The rename is the same that revokes a staging, so the kernel puts it in an order with a revocation and with an
    /// exchange: a staging is published, taken away or held, and never two of these. May be called again after an error.
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
            guard try FileSystem.status(of: staging.directory)?.isSameNode(as: folder.status()) == true else {
                return try heldAlready(staging)
            }
            if try record(of: staging.writer, staging.key) != nil { throw publishHasBegun(staging) }
            do {
                try HeldContents(FolderContents(of: folder), staging).prepare(failedSyncs, of: staging.writer)
            } catch let error as SystemCallError where error.number == ENOENT {
                if try isStill(staging) { throw error }
                return try heldAlready(staging)
            }
            try faults.reached(.heldSynced)
            return try setAside(staging)
        }
    }

    private func setAside(_ staging: Staging) throws -> HeldGeneration {
        // The staging's name is a fence, maybe the highest one, and is about to go.
        try FileSystem.touch(layout.entry(staging.key, .floor(staging.writer)))
        try faults.reached(.aboutToHold)
        guard try heldStagings.setAside(staging.directory, staging.key, staging.writer, durable) else {
            return try heldAlready(staging)
        }
        try faults.reached(.setAside)
        return try finishHolding(staging)
    }

    private func finishHolding(_ staging: Staging) throws -> HeldGeneration {
        try heldStagings.sync(staging.key, from: layout.stagings(staging.key), failedSyncs, of: staging.writer)
        return try heldStagings.whole(staging.key, staging.writer)
    }

    /// What became of a staging that has no folder: held by an earlier call, or taken away.
    private func heldAlready(_ staging: Staging) throws -> HeldGeneration {
        if try heldStagings.generation(staging.key, staging.writer) != nil { return try finishHolding(staging) }
        throw try withoutStaging(staging)
    }

    /// What is held of an attempt; nil where it is gone, or was never held.
    public func held(_ key: PartitionKey, by writer: Writer) throws -> HeldGeneration? {
        try reporting("look for what is held of partition \(key)") { try heldStagings.generation(key, writer) }
    }

    /// Fills a begun staging with hard links to what is held of an attempt.
    public func stageHeld(by writer: Writer, into staging: Staging) throws {
        try reporting("stage what is held of partition \(staging.key)") {
            try fill(staging, with: heldStagings.files(staging.key, writer))
        }
    }

    /// Removes what is held of an attempt.
    public func dropHeld(_ key: PartitionKey, by writer: Writer) throws {
        _ = try reporting("remove what is held of partition \(key)") { try heldStagings.drop(key, writer) }
    }

    /// Makes a begun staging hold files that were staged or published before.
    func fill(_ staging: Staging, with files: LinkedFiles) throws {
        try filling(staging) { try files.fill(staging.directory, age: .kept) }
    }

    /// Works in a begun staging, and says so where it was taken away meanwhile.
    func filling<Result>(_ staging: Staging, _ body: () throws -> Result) throws -> Result {
        guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else { throw strange(staging) }
        do {
            return try body()
        } catch let error as SystemCallError where error.number == ENOENT {
            if try isStill(staging) { throw error }
            throw try withoutStaging(staging)
        }
    }

    /// Why an attempt has no staging any more.
    private func withoutStaging(_ staging: Staging) throws -> TableError {
        let (standing, _) = try standing(of: staging.key)
        if case .fenced(let fence) = standing.verdict(on: staging.writer) {
            return fenced(staging.key, staging.writer, by: fence)
        }
        return TableError(
            .damaged,
            """
            Attempt \(staging.writer.name) has no staging in partition \(staging.key) any more: it stood still, was taken for \
            dead, and was cleaned up. Nothing was published. Run the partition again.
            """)
    }

    private func publishHasBegun(_ staging: Staging) -> TableError {
        TableError(
            .refused,
            "Attempt \(staging.writer.name) has begun to publish partition \(staging.key), so it cannot be held.")
    }
}

/// The files of a staging that is to be set aside, checked.
struct HeldContents {
    private let contents: FolderContents

    /// Checks each file of a staging.
    init(_ contents: FolderContents, _ staging: Staging) throws {
        guard !contents.dataFiles.isEmpty else {
            throw TableError(
                .refused,
                """
                Nothing was staged for partition \(staging.key) in \(staging.directory). A result without rows is a \
                Parquet file without rows: write one.
                """)
        }
        for name in contents.dataFiles { try ParquetFile.check(contents.folderPath + "/" + name, contents.nodes[name]) }
        self.contents = contents
    }

    /// Removes what is no data, such as Spark's `_SUCCESS`, and writes the rest to the disk.
    func prepare(_ failedSyncs: FailedSyncs, of writer: Writer) throws {
        for marker in contents.hiddenEntries { try FileSystem.remove(marker, in: contents.folderPath) }
        try failedSyncs.remembering(writer) {
            for name in contents.dataFiles { try FileSystem.syncFile(contents.folderPath + "/" + name) }
            try FileSystem.syncDirectory(contents.folderPath)
        }
    }
}

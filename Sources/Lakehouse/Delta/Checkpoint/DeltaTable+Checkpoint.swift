internal import DuckDBEngine
internal import Glibc

extension DeltaTable {
    /// What has to be told beside the outcomes: each sentence once.
    public func takeNotices() -> [String] { notices.take() }

    /// Lets checkpoints be written on a thread of their own.
    public func beginUpkeep() { checkpoints.begin() }

    /// Waits for the checkpoints that are due.
    public func finishUpkeep() { checkpoints.finish() }

    /// Ends a checkpoint that is being written, soon.
    public func cancelUpkeep() { checkpoints.cancel() }

    /// Has a checkpoint written where one is due.
    ///
    /// The publish has succeeded before, and nothing that happens here changes that: a failure is a notice, and the next
    /// try comes an interval later.
    func writeCheckpointIfDue() {
        do {
            // What was just committed is read, and with it whether a checkpoint is due.
            try log.withLatest { _ in }
        } catch {
            notices.add("\(error) The commit stands; readers take longer until a checkpoint is written.")
        }
        checkpoints.writeWaiting { target, scope in
            do {
                try reporting("write a checkpoint of \(layout.root)") { try writeCheckpoint(target, scope) }
            } catch {
                checkpoints.failed(at: target.version)
                guard !scope.isCancelled else { return }
                notices.add("\(error) The commit stands; readers take longer until a checkpoint is written.")
            }
        }
    }

    private func writeCheckpoint(_ target: CheckpointTarget, _ scope: CancellationScope) throws {
        try FileSystem.ensureDirectory(layout.checkpoints, syncsParents: false)
        let folder = try DirectoryHandle(opening: layout.checkpoints)
        // Somebody is at it: the next commit looks again.
        guard try folder.tryLock() else { return checkpoints.declined() }
        // The listing tells what others have written meanwhile.
        guard let plan = try log.plan(through: target.version) else { return }
        if let newest = plan.checkpoint.first?.version {
            checkpoints.found(newest)
            guard checkpoints.isDue(target, after: newest) else { return }
        }
        let writer = CheckpointWriter(folder: layout.checkpoints, log: layout.log, faults: faults, scope: scope)
        _ = try writer.write(target, from: plan, now: clock())
        checkpoints.found(target.version)
    }
}

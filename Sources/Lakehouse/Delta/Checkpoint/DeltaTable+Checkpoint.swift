internal import Glibc

extension DeltaTable {
    /// What has to be told beside the outcomes: each sentence once.
    public func takeNotices() -> [String] { notices.take() }

    /// Writes a checkpoint of the newest version where one is due.
    ///
    /// The publish has succeeded before, and nothing that happens here changes that: a failure is a notice, and the next
    /// try comes an interval later.
    func writeCheckpointIfDue() {
        do {
            guard let target = try dueCheckpoint() else { return }
            do {
                try reporting("write a checkpoint of \(layout.root)") { try writeCheckpoint(target) }
            } catch {
                checkpoints.failed(at: target.version)
                throw error
            }
        } catch {
            notices.add("\(error) The commit stands; readers take longer until a checkpoint is written.")
        }
    }

    private func dueCheckpoint() throws -> CheckpointTarget? {
        try log.withLatest { replay in
            guard let replay, let metadata = replay.metadata else { return nil }
            let properties = DeltaProperties(metadata)
            guard checkpoints.isDue(at: replay.version, asked: properties.checkpointInterval) else { return nil }
            return CheckpointTarget(replay)
        }
    }

    private func writeCheckpoint(_ target: CheckpointTarget) throws {
        if let form = target.properties.unknownCheckpointForm {
            checkpoints.failed(at: target.version)
            guard checkpoints.saysFirst(form) else { return }
            return notices.add(
                """
                No checkpoints of \(layout.root) are written, because of \(form): that form is not written here. Let \
                another program write them from time to time, or remove the property.
                """)
        }
        try FileSystem.ensureDirectory(layout.checkpoints, syncsParents: false)
        let folder = try DirectoryHandle(opening: layout.checkpoints)
        // Somebody is at it: the next commit looks again.
        guard try folder.tryLock() else { return }
        let start = ContinuousClock.now
        // The listing tells what others have written meanwhile.
        guard let plan = try log.plan(through: target.version) else { return }
        if let newest = plan.checkpoint.first?.version { checkpoints.found(newest) }
        guard checkpoints.isDue(at: target.version, asked: target.properties.checkpointInterval) else { return }
        let writer = CheckpointWriter(folder: layout.checkpoints, log: layout.log, faults: faults)
        if try writer.write(target, from: plan, now: clock()) {
            checkpoints.wrote(target.version, since: start)
        } else {
            checkpoints.found(target.version)
        }
    }
}

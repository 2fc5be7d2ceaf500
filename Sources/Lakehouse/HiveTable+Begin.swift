internal import FaultPoints
internal import Foundation
internal import Glibc
public import Partitions

extension HiveTable {
    /// Installs the writer's fence for a partition and makes its staging folder.
    ///
    /// The fence is the folder's name. It is made first, and only then are the others looked at, so of two attempts at
    /// the same time at least one sees the other. All below are revoked: their staging folders are renamed, and the
    /// exchange of an attempt that was stopped in the middle fails when it wakes, since its folder has gone. A publish of
    /// theirs that was not finished is brought to the disk. After this, `current` changes only by a higher fence.
    public func begin(_ key: PartitionKey, writer: Writer) throws -> Staging {
        try reporting("begin partition \(key)") {
            try durable.ensure(layout.root)
            try durable.ensure(Path.parent(of: layout.stagings(key)))
            try FileSystem.ensureDirectory(layout.stagings(key))
            let directory = layout.entry(key, .staging(writer))
            try install(directory)
            try faults.reached(.fenceInstalled)
            let (standing, _) = try standing(of: key)
            do {
                try refuse(standing, key, writer)
            } catch {
                // Nothing of ours may stay that would be taken for a fence. Where it is not empty it was begun before,
                // and whoever has the higher fence clears it.
                try FileSystem.removeEmptyDirectory(directory)
                throw error
            }
            try faults.reached(.floorSeen)
            for lower in standing.unsettledWriters(below: writer.fence) { try revoke(key, lower) }
            try faults.reached(.begun)
            return Staging(key: key, writer: writer, directory: directory)
        }
    }

    private func install(_ directory: String) throws {
        // The claim id is random: where the folder is there, this is the same attempt, which begins a second time.
        _ = try FileSystem.expecting(EEXIST) { () throws(SystemCallError) in
            try FileSystem.makeDirectory(directory)
        }
    }

    private func refuse(_ standing: PartitionStanding, _ key: PartitionKey, _ writer: Writer) throws {
        switch standing.verdict(on: writer) {
        case .fenced(let fence):
            throw fenced(key, writer, by: fence)
        case .fenceTaken(let other):
            throw TableError(
                .refused,
                """
                Partition \(key) of \(layout.root) has been begun with fence \(writer.fence) by another claim, \
                \(other.claimID.uuidString.lowercased()). Two ledgers seem to write this table: use one.
                """)
        case .highest:
            guard standing.visibleWriters.contains(writer) || standing.record(of: writer)?.state == .published else {
                return
            }
            throw TableError(
                .refused,
                "Attempt \(writer.name) has published partition \(key) already. A new attempt needs a new fence.")
        }
    }

    func fenced(_ key: PartitionKey, _ writer: Writer, by fence: Int64) -> TableError {
        TableError(
            .fenced,
            """
            Partition \(key) of \(layout.root) belongs to an attempt with fence \(fence), higher than \(writer.fence). \
            This attempt is outdated: claim the partition again.
            """, fence: fence)
    }
}

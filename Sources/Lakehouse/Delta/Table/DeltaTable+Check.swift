internal import Foundation
internal import Glibc

extension DeltaTable {
    /// Checks what would make a publish fail, before any work, and leaves nothing behind.
    public func check() throws {
        try reporting("use the table \(layout.root)") {
            try checkContents()
            for folder in [layout.root, layout.log, layout.sibling] where try FileSystem.status(of: folder) != nil {
                try checkWritable(folder)
            }
            let place = try Path.nearestExisting(layout.sibling)
            try checkWritable(place)
            try checkMounts(place)
            try probeRename(in: place)
        }
    }

    /// Checks whether the table may be written, by its log alone, and changes nothing.
    public func checkSuitability() throws {
        try reporting("read the table \(layout.root)") { try checkContents() }
    }

    private func checkContents() throws {
        try checkRoot()
        let hasTable = try log.withLatest { replay in
            guard let replay, let metadata = replay.metadata else { return false }
            _ = try checkedColumn(of: replay, metadata)
            return true
        }
        if !hasTable { try checkEmpty() }
    }

    private func checkRoot() throws {
        for path in [layout.root, layout.sibling] {
            guard let status = try FileSystem.status(of: path), status.kind != .directory else { continue }
            throw TableError(
                .refused, "\(path) is a file, where a folder must be. Move it away, or name another table.")
        }
    }

    /// A folder with anything in it is not made a table: what is there would not be part of it.
    private func checkEmpty() throws {
        guard let root = try DirectoryHandle.openIfPresent(layout.root) else { return }
        var found: String?
        for entry in try root.entries() where found == nil && entry.name != "_delta_log" {
            found = try foreignFile(in: entry)
        }
        // Somebody may have made the table meanwhile.
        guard let found, try !log.withLatest({ $0 != nil }) else { return }
        throw TableError(
            .refused,
            """
            \(layout.root) is no Delta table, but has something in it, such as \(found), which would not become part of \
            the table. Nothing was changed. Name an empty folder, or one that does not exist.
            """)
    }

    /// What lies in the folder of a partition and is not ours, such as the files of a table without a log; the entry
    /// itself where it is no such folder.
    ///
    /// An attempt that died before it could make the table has left files in the partition's folder, and names beside it.
    private func foreignFile(in entry: DirectoryHandle.Entry) throws -> String? {
        guard entry.kind == .directory, let (column, value) = DeltaPath.partition(folder: entry.name),
            column == layout.column, let value,
            let folder = try DirectoryHandle.openIfPresent(layout.root + "/" + entry.name)
        else { return entry.name }
        let attempts = try DirectoryHandle.openIfPresent("\(layout.sibling)/staging/\(value)")?.entries() ?? []
        let ours = Set(attempts.compactMap { DeltaAttemptEntry($0.name)?.writer })
        // Hive directories have the same names there, and beside them what they have published.
        let isHive = attempts.contains { if case .record = StagingEntry($0.name) { true } else { false } }
        let foreign = try folder.entries().first { file in
            guard let writer = PublishedFileName(file.name)?.writer else { return true }
            return isHive || !ours.contains(writer)
        }
        return foreign.map { entry.name + "/" + $0.name }
    }

    private func checkWritable(_ path: String) throws {
        let denied = try FileSystem.expecting(EACCES) { () throws(SystemCallError) in
            try FileSystem.checkWritableDirectory(path)
        }
        guard denied != nil else { return }
        throw TableError(
            .notWritable,
            "\(path) cannot be written. \(Permissions.describe(path)) Give that user the right to write there.")
    }

    private func checkMounts(_ place: String) throws {
        for folder in [layout.root, layout.log] where try FileSystem.status(of: folder) != nil {
            guard try FileSystem.mountID(of: folder) != FileSystem.mountID(of: place) else { continue }
            throw TableError(
                .refused,
                """
                \(folder) is on another mount than \(layout.sibling), so nothing can be renamed from there into it. Put \
                the table into a folder inside the mount.
                """)
        }
    }

    /// Renames an empty file to a name that must not exist, where the sibling folder is or will be.
    private func probeRename(in place: String) throws {
        let probe = "\(place)/.reprocess-probe-\(UUID().uuidString.lowercased())"
        try FileSystem.touch(probe + "-a")
        defer { removeProbe(probe + "-a") }
        let unsupported = try FileSystem.expecting(EINVAL, ENOSYS, EOPNOTSUPP) { () throws(SystemCallError) in
            try FileSystem.renameToNew(probe + "-a", to: probe + "-b")
        }
        removeProbe(probe + "-b")
        guard let unsupported else { return }
        throw TableError(
            .refused,
            """
            The file system of \(place) cannot rename a file only where the new name is free (\(unsupported.reason)), so \
            one commit could overwrite another. Put the table on a local file system: ext4, XFS, btrfs or tmpfs, not NFS.
            """)
    }

    private func removeProbe(_ path: String) {
        // An empty file that cannot be removed again hurts nobody, and the check has its answer.
        _ = try? FileSystem.removeFile(path)
    }
}

internal import Foundation
internal import Glibc

extension HiveTable {
    /// Checks what would make a publish fail, before any work, and leaves nothing behind.
    public func check() throws {
        try reporting("use the table \(layout.root)") {
            try checkContents()
            if try FileSystem.status(of: layout.root) != nil { try checkWritable(layout.root) }
            let place = try Path.nearestExisting(layout.sibling)
            try checkWritable(place)
            try checkMounts(place)
            try probeExchange(in: place)
        }
    }

    /// Checks whether the folder holds a table of this kind and column, and changes nothing.
    public func checkSuitability() throws {
        try reporting("read the table \(layout.root)") { try checkContents() }
    }

    private func checkContents() throws {
        try checkRoot()
        try checkSibling()
    }

    /// Refuses a partition column whose folders readers would not read as such.
    static func check(column: String) throws {
        let isName =
            column.utf8.count <= 128 && column.first?.isLetter == true
            && column.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName else {
            throw TableError(
                .refused,
                """
                "\(column)" cannot be a partition column: its name must be letters, digits and underscores and begin \
                with a letter (readers skip folders that begin with an underscore).
                """)
        }
    }

    /// Refuses places where a table would be lost among our own files.
    static func check(root: String) throws {
        guard root != "/" else { throw TableError(.refused, "The root of the file system cannot be a table.") }
        if let component = root.split(separator: "/").first(where: { $0.hasSuffix(".reprocess") }) {
            throw TableError(
                .refused,
                """
                The table \(root) would lie in "\(component)", where stagings and replaced files of another table are \
                kept and cleaned up. Choose a folder outside of it.
                """)
        }
    }

    private func checkRoot() throws {
        guard let status = try FileSystem.status(of: layout.root) else { return }
        guard status.kind == .directory else {
            throw TableError(.refused, "\(layout.root) is a file, not the folder of a table. Name the folder.")
        }
        let root = try DirectoryHandle(opening: layout.root)
        var foreign: String?
        var isPartitioned = false
        try root.forEachEntry { entry in
            isPartitioned = entry.name.hasPrefix(layout.column + "=")
            foreign = foreign ?? foreignLayout(entry)
            // One partition of ours is proof; a table may have very many.
            return !isPartitioned
        }
        if let (format, remedy) = try otherFormat(root) {
            throw TableError(
                .refused,
                """
                \(layout.root) is \(format), whose readers do not see files that are put into its folders. Nothing was \
                changed; \(remedy).
                """)
        }
        if !isPartitioned, let foreign { throw TableError(.refused, foreign) }
    }

    private func foreignLayout(_ entry: DirectoryHandle.Entry) -> String? {
        if entry.kind == .directory, let equals = entry.name.firstIndex(of: "=") {
            let column = entry.name[..<equals]
            return "\(layout.root) is partitioned by \"\(column)\", not by \"\(layout.column)\". Name that column."
        }
        guard entry.kind == .file, entry.name.hasSuffix(".parquet") else { return nil }
        return """
            \(layout.root) has files outside of partitions, such as \(entry.name): readers would see them beside the \
            partitions. Move them away, or name another folder.
            """
    }

    private func otherFormat(
        _ root: borrowing DirectoryHandle
    ) throws -> (format: String, remedy: String)? {
        let elsewhere = "write to a folder of its own"
        for (folder, format, remedy) in [
            ("_delta_log", "a Delta Lake table", "give the target the format delta, or \(elsewhere)"),
            (".hoodie", "a Hudi table", elsewhere), ("metadata", "an Iceberg table", elsewhere),
        ] where try root.status(of: folder)?.kind == .directory {
            return (format, remedy)
        }
        return nil
    }

    private func checkSibling() throws {
        guard let status = try FileSystem.status(of: layout.sibling) else { return }
        guard status.kind == .directory else {
            throw TableError(
                .refused, "\(layout.sibling) is a file, but must be the folder for stagings. Move the file away.")
        }
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
        guard try FileSystem.status(of: layout.root) != nil,
            try FileSystem.mountID(of: layout.root) != FileSystem.mountID(of: place)
        else { return }
        throw TableError(
            .refused,
            """
            \(layout.root) is a mount of its own, so nothing can be renamed into it from \(layout.sibling). Put the \
            table into a folder inside the mount.
            """)
    }

    /// Lets two empty folders trade places where the sibling folder is, or will be.
    private func probeExchange(in place: String) throws {
        let probe = "\(place)/.reprocess-probe-\(UUID().uuidString.lowercased())"
        try FileSystem.makeDirectory(probe + "-a")
        defer { removeProbe(probe + "-a") }
        try FileSystem.makeDirectory(probe + "-b")
        defer { removeProbe(probe + "-b") }
        let unsupported = try FileSystem.expecting(EINVAL, ENOSYS, EOPNOTSUPP) { () throws(SystemCallError) in
            try FileSystem.exchange(probe + "-a", probe + "-b")
        }
        guard let unsupported else { return }
        throw TableError(
            .refused,
            """
            The file system of \(place) cannot exchange two folders in one step (\(unsupported.reason)), so a reader \
            could see a partition half replaced. Put the table on a local file system: ext4, XFS, btrfs or tmpfs, not NFS.
            """)
    }

    private func removeProbe(_ path: String) {
        // An empty folder that cannot be removed again hurts nobody, and the check has its answer.
        _ = try? FileSystem.removeEmptyDirectory(path)
    }
}

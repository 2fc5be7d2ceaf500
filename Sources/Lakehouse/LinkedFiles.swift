internal import FaultPoints
internal import Glibc

/// Files that are published again: a staging gets hard links to them, so that they are the same byte for byte and cost
/// no space.
struct LinkedFiles {
    /// What a file is called while it is copied; hidden, so that it is never published.
    private static let unfinished = ".copying"

    private let sources: [String]
    private let faults: FaultInjector

    /// Names the files, in the order in which they are to be numbered.
    init(_ sources: [String], faults: FaultInjector) {
        self.sources = sources
        self.faults = faults
    }

    /// Makes a folder hold exactly these files.
    ///
    /// The names say nothing: a name that another attempt has published under would be taken for that attempt's.
    func fill(_ folder: String, age: Age) throws {
        let targets = sources.indices.map { LinkedFiles.name($0) }
        for entry in try DirectoryHandle(opening: folder).entries() where !targets.contains(entry.name) {
            try FileSystem.remove(entry, in: folder)
        }
        for (source, name) in zip(sources, targets) { try link(source, folder, name, age) }
    }

    /// Makes one of the files another name in a folder.
    func link(_ source: String, _ folder: String, _ name: String, _ age: Age) throws {
        try checkPlain(source)
        let target = folder + "/" + name
        if try !isSame(source, target) {
            try FileSystem.removeFile(target)
            // Other file systems, other owners, too many links.
            let refusal = try FileSystem.expecting(EXDEV, EPERM, EMLINK, ENOENT) { () throws(SystemCallError) in
                try FileSystem.link(source, as: target)
            }
            // Whoever removes the file may have done so just now; what else is missing, the copy finds out.
            if refusal?.number == ENOENT { try checkPlain(source) }
            if refusal != nil { try copy(source, folder, target) }
        }
        if age == .new {
            let refusal = try FileSystem.expecting(EPERM, EACCES) { () throws(SystemCallError) in
                try FileSystem.touchModificationTime(of: target)
            }
            if refusal != nil { try copy(source, folder, target) }
        }
        try faults.reached(.fileLinked)
    }

    private func copy(_ source: String, _ folder: String, _ target: String) throws(SystemCallError) {
        let copy = folder + "/" + LinkedFiles.unfinished
        try FileSystem.removeFile(copy)
        try FileSystem.copyFile(source, to: copy)
        try FileSystem.rename(copy, to: target)
    }

    private func isSame(_ source: String, _ target: String) throws(SystemCallError) -> Bool {
        guard let one = try FileSystem.status(of: source, followingLinks: false),
            let other = try FileSystem.status(of: target, followingLinks: false)
        else { return false }
        return one.isSameNode(as: other)
    }

    private func checkPlain(_ source: String) throws {
        guard let status = try FileSystem.status(of: source, followingLinks: false) else {
            throw TableError(
                .missing, "\(source) was removed before it could be published again. Run the partition anew.")
        }
        guard status.kind == .file else {
            throw TableError(.missing, "\(source) is not a plain file, so it cannot be published again.")
        }
    }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return "data-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".parquet"
    }

    /// When a file that is published again says that it was written.
    enum Age {
        /// As it was.
        case kept
        /// Now: programs that clean up take files for garbage that are old and that no version names.
        case new
    }
}

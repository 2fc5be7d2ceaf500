internal import Glibc

/// Paths as text.
enum Path {
    /// The folder in which a path lies.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component of a path.
    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// The path without symbolic links, `.` and `..`, equal for every way of writing it, also where its last components
    /// do not exist yet.
    static func canonical(_ path: String) throws(SystemCallError) -> String {
        var missing: [Substring] = []
        var existing = try absolute(path)
        while true {
            if let resolved = try resolve(existing) {
                return missing.reversed().reduce(resolved == "/" ? "" : resolved) { $0 + "/" + $1 }
            }
            let components = existing.split(separator: "/")
            guard let last = components.last else { return "/" }
            missing.append(last)
            existing = "/" + components.dropLast().joined(separator: "/")
        }
    }

    /// The nearest folder above a path, or the path itself, that exists.
    static func nearestExisting(_ path: String) throws(SystemCallError) -> String {
        var candidate = path
        while try FileSystem.status(of: candidate) == nil, candidate != "/" { candidate = parent(of: candidate) }
        return candidate
    }

    /// An absolute path whose missing tail has no `.` or `..` left: those cannot be resolved by the kernel.
    private static func absolute(_ path: String) throws(SystemCallError) -> String {
        var start = path
        if !path.hasPrefix("/") {
            guard let folder = getcwd(nil, 0) else { throw SystemCallError.last("getcwd", path) }
            defer { free(folder) }
            start = String(cString: folder) + "/" + path
        }
        var kept: [Substring] = []
        for component in start.split(separator: "/") where component != "." {
            if component != ".." {
                kept.append(component)
            } else if try FileSystem.status(of: "/" + kept.joined(separator: "/")) == nil {
                _ = kept.popLast()
            } else {
                // What exists may be a link, whose parent only the kernel knows.
                let resolved = try resolve("/" + kept.joined(separator: "/")) ?? "/"
                kept = resolved.split(separator: "/").dropLast()
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    private static func resolve(_ path: String) throws(SystemCallError) -> String? {
        guard let resolved = realpath(path, nil) else {
            let error = SystemCallError.last("realpath", path)
            guard error.number == ENOENT else { throw error }
            // A link into nowhere is no place for a table: its target is not ours to guess.
            if try FileSystem.status(of: path, followingLinks: false) != nil { throw error }
            return nil
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

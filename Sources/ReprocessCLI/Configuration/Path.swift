/// Paths as text, with `/` between their parts.
enum Path {
    /// The path, made absolute where it is relative to a folder; without `.` and doubled slashes.
    static func absolute(_ path: String, in directory: String) -> String {
        let full = path.hasPrefix("/") ? path : directory + "/" + path
        var parts: [Substring] = []
        for part in full.split(separator: "/") where part != "." {
            // `..` after a folder that may be a link cannot be taken back as text.
            parts.append(part)
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The folder of a file.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The path as a person in a folder would name it: relative where it lies below the folder.
    static func display(_ path: String, in directory: String) -> String {
        let prefix = directory == "/" ? "/" : directory + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}

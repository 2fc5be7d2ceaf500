internal import Glibc

/// Finds the files that a path with wildcards names.
enum FileGlob {
    /// Whether a path is for the engine to resolve: it is remote, or has the engine's own wildcard `**`.
    static func isForEngine(_ path: String) -> Bool {
        path.contains("://") || path.contains("**")
    }

    /// The files that match, sorted.
    ///
    /// A path that exists is itself, whatever characters it has.
    ///
    /// This call blocks.
    static func files(matching path: String) throws(TransformError) -> [String] {
        if access(path, F_OK) == 0 { return [path] }
        var found = glob_t()
        defer { globfree(&found) }
        // A backslash is a character of a file name like any other.
        let outcome = glob(path, GLOB_ERR | GLOB_NOESCAPE, nil, &found)
        guard outcome == 0 || outcome == GLOB_NOMATCH else {
            throw TransformError(
                .sourceMissing, "The files '\(path)' cannot be listed: \(String(cString: strerror(errno))).")
        }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }
    }

    /// A path that the engine takes literally: each character that it would take for a wildcard stands in brackets.
    static func escaped(_ path: String) -> String {
        path.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
    }
}

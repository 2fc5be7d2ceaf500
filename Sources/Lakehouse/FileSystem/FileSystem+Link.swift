internal import Glibc

/// More names and more copies of files.
extension FileSystem {
    /// Gives a file another name; a symbolic link is not followed.
    static func link(_ path: String, as name: String) throws(SystemCallError) {
        try check("link", name) { Glibc.link(path, name) }
    }

    /// Makes a file say that it was written now.
    static func touchModificationTime(of path: String) throws(SystemCallError) {
        try check("utimensat", path) { utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) }
    }

    /// Copies the contents of a file to a new one.
    static func copyFile(_ path: String, to copy: String) throws(SystemCallError) {
        let source = try check("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(source) }
        let target = try check("open", copy) { open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try transferred("read", path) { read(source, &buffer, buffer.count) }
            if count == 0 { return }
            var written = 0
            while written < count {
                written += try transferred("write", copy) {
                    buffer[written..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                }
            }
        }
    }

    /// Repeats a call that a signal has interrupted.
    private static func transferred(_ call: String, _ path: String, _ body: () -> Int) throws(SystemCallError) -> Int {
        while true {
            let count = body()
            if count >= 0 { return count }
            let error = SystemCallError.last(call, path)
            if error.number != EINTR { throw error }
        }
    }
}

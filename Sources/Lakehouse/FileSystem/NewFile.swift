internal import Glibc

/// A file that is written piece by piece.
struct NewFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Makes a file that is not there yet.
    init(_ path: String) throws(SystemCallError) {
        self.path = path
        descriptor = try FileSystem.check("open", path) { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    }

    deinit { close(descriptor) }

    /// Writes the next piece.
    func append(_ bytes: [UInt8]) throws(SystemCallError) {
        try FileSystem.writeAll(bytes, to: descriptor, path)
    }

    /// Brings what was written to the disk.
    func sync() throws(SystemCallError) {
        let (path, descriptor) = (path, descriptor)
        try FileSystem.check("fsync", path) { fsync(descriptor) }
    }
}

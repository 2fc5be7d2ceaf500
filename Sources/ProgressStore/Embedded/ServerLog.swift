internal import Foundation

/// The file that a server writes its messages to.
final class ServerLog: Sendable {
    /// To be given to the server as its outputs.
    let descriptor: Int32
    private let path: String
    private let start: UInt64

    /// A log of this size begins anew; the full one is kept once.
    private static let limit = 1 << 20

    init(path: String) throws(LedgerError) {
        self.path = path
        var found = stat()
        if lstat(path, &found) == 0, found.st_size > Self.limit { rename(path, path + ".old") }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ClusterFolder.unusable(path) }
        start = UInt64(max(0, lseek(descriptor, 0, SEEK_END)))
    }

    deinit { close(descriptor) }

    /// What has been written since.
    var newText: String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        do {
            try handle.seek(toOffset: start)
            return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        } catch {
            return "The log cannot be read: \(error.localizedDescription)"
        }
    }
}

internal import Foundation

/// What a running server says of itself in `postmaster.pid`; what a killed one has said is found there too.
///
/// The lines are those of PostgreSQL's `src/include/utils/pidfile.h`, the same since version 10.
struct PostmasterFile: Sendable, Equatable {
    var pid: pid_t
    var port: Int
    var socketFolder: String
    /// The server accepted connections when it last wrote the file.
    var isReady: Bool

    /// Nil for a file that is still being written.
    init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 8, let pid = pid_t(lines[0]), pid > 0, let port = Int(lines[3]), !lines[4].isEmpty else {
            return nil
        }
        self.pid = pid
        self.port = port
        socketFolder = lines[4]
        isReady = lines[7].trimmingCharacters(in: .whitespaces) == "ready"
    }

    init?(inDataFolder folder: String) {
        guard let text = try? String(contentsOfFile: folder + "/postmaster.pid", encoding: .utf8) else { return nil }
        self.init(parsing: text)
    }

    /// The process of this number works in the data folder, as a postmaster does, and is not a later one of its number.
    func isProcess(ofDataFolder folder: String) -> Bool {
        var (process, data) = (stat(), stat())
        guard stat("/proc/\(pid)/cwd", &process) == 0, stat(folder, &data) == 0 else { return false }
        return process.st_dev == data.st_dev && process.st_ino == data.st_ino
    }
}

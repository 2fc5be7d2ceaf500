internal import Foundation
internal import ProgressStore

/// A process that removes a server and its folder when the test process ends, however it ends, or when this value goes.
///
/// It is a shell that waits for the end of its input, which this process holds.
final class Watchdog: Sendable {
    private let input: FileHandle

    /// Watches over a folder in which the server's process id is the first line of a file.
    init(over folder: String, pidFile: String, signal: String) throws {
        let script = """
            read -r _
            if [ -s "$1/$2" ]; then
                pid=$(head -n 1 "$1/$2")
                kill -"$3" "$pid"
                # The server removes the file last. Its number may go on to exist where nobody buries dead processes.
                tries=0
                while [ -e "$1/$2" ] && kill -0 "$pid" && [ $((tries += 1)) -le 200 ]; do
                    sleep 0.05
                done
            fi
            rm -rf "$1"
            """
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe: \(systemMessage())") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var launch = ProgramLaunch(["/bin/sh", "-c", script, "watchdog", folder, pidFile, signal])
        launch.input = .descriptor(ends[0])
        launch.startsSession = true
        let watchdog = try launch.start()
        // Swift Testing waits for exit tests by looking at any child that has ended: one that nobody buries hides them.
        Thread.detachNewThread { waitpid(watchdog, nil, 0) }
        close(ends[0])
        input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }

    /// Makes a folder with a short path that belongs to a server's user.
    static func makeFolder(for user: ServerUser) throws -> String {
        var template = Array("/tmp/reprocess-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("no folder in /tmp: \(systemMessage())") }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard chown(folder, user.uid, user.gid) == 0 else { throw TestSupportError("chown: \(systemMessage())") }
        return folder
    }
}

import Foundation
import ProgressStore
import TestSupport

/// Kills what is left of a run, and removes its folder, when this process ends, however it ends.
///
/// Workers are known by a variable in their environment, so that also one is found that stands still, or whose start
/// nobody has noted.
final class Watchdog: Sendable {
    /// What every process of the run has in its environment.
    let environment: [String: String]
    private let input: FileHandle

    init(over folder: String) throws {
        let mark = UUID().uuidString.lowercased()
        environment = [Self.variable: mark]
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var launch = ProgramLaunch(["/bin/sh", "-c", Self.script, "watchdog", "\(Self.variable)=\(mark)", folder])
        launch.input = .descriptor(ends[0])
        launch.startsSession = true
        let pid = try launch.start()
        // Nobody else buries it, and Swift Testing's exit tests look at any child that has ended.
        Thread.detachNewThread { _ = waitForEnd(of: pid) }
        close(ends[0])
        input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }

    private static let variable = "REPROCESS_CHAOS_RUN"

    /// Twice, because what is being started while the list is read is not in it.
    private static let script = """
        read -r _
        for round in 1 2; do
            for process in /proc/[0-9]*; do
                if tr '\\0' '\\n' < "$process/environ" 2> /dev/null | grep -qxF -- "$1"; then
                    kill -KILL "${process#/proc/}"
                fi
            done
            sleep 0.2
        done
        rm -rf "$2"
        """
}

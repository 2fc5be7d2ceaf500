package import Foundation

/// What a program that ran to its end has left.
package struct ProgramResult: Sendable {
    /// As `waitpid` reports it.
    package let status: Int32
    /// What it wrote to standard output and standard error.
    package let output: String

    /// The program ended by itself with code 0.
    package var succeeded: Bool { status == 0 }

    /// Runs a program to its end, with both of its outputs kept.
    ///
    /// This call blocks.
    package static func of(_ launch: ProgramLaunch) throws(LedgerError) -> ProgramResult {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LedgerError(.cluster, "No pipe can be opened: \(systemMessage()).") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        var launch = launch
        launch.output = .descriptor(ends[1])
        launch.error = .descriptor(ends[1])
        let pid = try launch.start()
        try? writing.close()
        let data = reading.readDataToEndOfFile()
        return ProgramResult(status: waitForEnd(of: pid), output: String(decoding: data, as: UTF8.self))
    }
}

/// Waits for a child to end.
///
/// This call blocks.
///
/// - Returns: Its status as `waitpid` reports it; -1 where it is no child of this process.
package func waitForEnd(of pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
        guard errno == EINTR else { return -1 }
    }
    return status
}

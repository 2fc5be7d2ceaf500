import Foundation
import Lakehouse
import TestSupport
import Testing

/// A `PublishProbe` that runs one attempt and can be watched stopping and dying.
///
/// Foundation's `Process` reports only the end of a process, and a test must wait for a stop.
final class ProbeProcess {
    /// What the kernel reports of the process.
    enum Change: Equatable { case exited(Int32), killed(Int32), stopped }

    private let identifier: pid_t
    private let output: FileHandle

    init(_ sample: Sample, fence: Int64, fault: String, prefix: [String] = [], then: [String] = []) throws {
        let file = sample.folder.appending("sample.parquet")
        try Sample.write(to: file)
        let claim = Writer.attempt(fence).claimID.uuidString
        let arguments =
            prefix + [try ProbeProcess.executable(), sample.root, "2024-01-01", "\(fence)", claim, file]
            + then
        let pipe = Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForWriting.fileDescriptor, 1)
        posix_spawn_file_actions_addclose(&actions, pipe.fileHandleForReading.fileDescriptor)
        var pid = pid_t()
        let environment = ProcessInfo.processInfo.environment.merging(["REPROCESS_FAULT": fault]) { $1 }
        let result = ProbeProcess.withCStrings(arguments) { argv in
            ProbeProcess.withCStrings(environment.map { $0 + "=" + $1 }) { envp in
                posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp)
            }
        }
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO) }
        try pipe.fileHandleForWriting.close()
        identifier = pid
        output = pipe.fileHandleForReading
    }

    /// Waits until the process stops or ends.
    func waitForChange() throws -> Change {
        var status: Int32 = 0
        guard waitpid(identifier, &status, WUNTRACED) == identifier else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        // The bits of wait(2)'s status, whose macros Swift does not import.
        if status & 0xff == 0x7f { return .stopped }
        return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .killed(status & 0x7f)
    }

    /// Lets a stopped process go on.
    func wake() { kill(identifier, SIGCONT) }

    /// What the process said, once it has ended.
    func text() throws -> String {
        String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// The probe is built beside the tests.
    static func executable() throws -> String {
        let test = try #require(CommandLine.arguments.first { $0.contains(".build") } ?? CommandLine.arguments.first)
        var folder = URL(filePath: test).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "PublishProbe").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}

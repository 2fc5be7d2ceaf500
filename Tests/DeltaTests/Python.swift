import Foundation
import TestSupport
import Testing

/// Independent readers and writers of Delta tables, in Python.
enum Python {
    /// Starts one of the scripts of this folder.
    static func start(_ script: String, _ arguments: [String]) throws -> RunningProcess {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python")
        return try RunningProcess(
            PythonEnvironment.interpreter, [folder.appending(path: script).path(percentEncoded: false)] + arguments)
    }

    /// Runs one of the scripts of this folder and returns what it printed.
    static func run(_ script: String, _ arguments: [String]) async throws -> Data {
        let process = try start(script, arguments)
        let end = try await process.wait(timeout: .seconds(300))
        try #require(end == .exited(0), "\(script): \(process.errorOutput)")
        return Data(process.output.utf8)
    }
}

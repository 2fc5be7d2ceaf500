import Foundation
import TestSupport

/// What a program of the tests did, after its end.
struct FinishedProgram {
    let end: RunningProcess.End
    let output: String
    let errorOutput: String

    /// Runs a program to its end.
    static func run(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], directory: String,
        timeout: Duration = .seconds(300)
    ) async throws -> FinishedProgram {
        let process = try RunningProcess(executable, arguments, environment: environment, directory: directory)
        try process.closeInput()
        let end = try await process.wait(timeout: timeout)
        return FinishedProgram(end: end, output: process.output, errorOutput: process.errorOutput)
    }

    /// Its standard output, which is one JSON value.
    func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(output.utf8))
    }

    /// The last line of its standard output, which is one JSON value a line.
    func lastEvent<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let line = output.split(separator: "\n").last ?? ""
        return try JSONDecoder().decode(type, from: Data(line.utf8))
    }
}

/// What `plan --json` says.
struct PlanDocument: Decodable {
    struct Partition: Decodable, Equatable {
        let partition: String
        let action: String
        let reason: String
    }

    let partitions: [Partition]

    /// The keys that a run would work on.
    var run: [String] { partitions.filter { $0.action == "run" }.map(\.partition) }
}

/// The last line of `run --json`.
struct FinishedEvent: Decodable, Equatable {
    let event: String
    let complete: Int
    let failed: Int
    let skipped: Int

    init(complete: Int, failed: Int = 0, skipped: Int = 0) {
        (event, self.complete, self.failed, self.skipped) = ("finished", complete, failed, skipped)
    }
}

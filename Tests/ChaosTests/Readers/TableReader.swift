import Foundation
import TestSupport

/// A reader of the table in a process of its own, which judges whatever it sees.
final class TableReader: Sendable {
    /// What reads, by the names that the script has for it.
    enum Engine: String, CaseIterable { case duckdb, pyarrow, recipe }

    /// What it has counted so far.
    struct Counts: Decodable, Equatable {
        let allowed: [Int]
        let reads, checks, repeated, absent, errors, wrong: Int
    }

    private struct WrongAnswer: Decodable { let wrong: String }

    let engine: Engine
    private let process: RunningProcess

    /// Starts to read.
    init(_ engine: Engine, table: String, expectations: String, environment: [String: String] = [:]) throws {
        self.engine = engine
        process = try RunningProcess(
            try PythonEnvironment.interpreter,
            [SharedData.packageDirectory + "/Tests/ChaosTests/Readers/watch_generations.py", engine.rawValue, table]
                + [expectations],
            environment: environment.mapValues { $0 })
    }

    /// Says which generations a day may be of from now on.
    func allow(_ generations: ClosedRange<Int>) throws {
        try process.type("\(generations.lowerBound) \(generations.upperBound)\n")
    }

    /// Waits for a whole read that began after `allow`.
    func waitForRead(_ generations: ClosedRange<Int>) async throws {
        try await process.wait(
            untilOutputContains: "\"allowed\": [\(generations.lowerBound), \(generations.upperBound)]",
            timeout: .seconds(300))
    }

    /// What it last said it had counted; nil before its first answer.
    var counts: Counts? {
        process.output.split(separator: "\n").reversed().lazy
            .compactMap { try? JSONDecoder().decode(Counts.self, from: Data($0.utf8)) }.first
    }

    /// Every wrong answer so far, and whatever else it had to say.
    var complaints: [String] {
        process.output.split(separator: "\n").filter { $0.hasPrefix("{\"wrong\"") }.map(Self.wrongAnswer)
            + process.errorOutput.split(separator: "\n").map { "\(engine.rawValue): \($0)" }
    }

    private static func wrongAnswer(_ line: Substring) -> String {
        (try? JSONDecoder().decode(WrongAnswer.self, from: Data(line.utf8)))?.wrong ?? String(line)
    }

    /// Ends it.
    func end() async throws {
        try process.closeInput()
        try await process.wait()
    }
}

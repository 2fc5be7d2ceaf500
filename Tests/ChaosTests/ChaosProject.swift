import Foundation
import Partitions
import TestSupport

/// A user's folder with many days of raw figures, and a transform that multiplies them by a factor.
///
/// The factor is the number of the generation: 1 at first, 2 after the first change of the transform, and so on. So each
/// row tells which generation it is of, and the sum of a day tells whether all of it is.
struct ChaosProject: Sendable {
    /// What a day of raw figures adds up to.
    struct Day: Codable, Hashable {
        let rows: Int
        let sum: Int
    }

    static let job = "figures"
    static let schema = "chaos"
    static let first = "2023-01-01"
    static let last = "2024-06-30"

    /// All days, as the command line has them.
    static let range = ["--from", first, "--to", last]

    let path: String
    /// The days by key, in a file too, for the readers.
    let days: [String: Day]

    var table: String { path + "/lake/figures" }
    var expectations: String { path + "/expected.json" }
    var configuration: String { path + "/reprocess.yaml" }

    /// Writes configuration and raw files; what is in them follows from the seed.
    init(path: String, seed: UInt64) throws {
        self.path = path
        var random = SplitMix64(seed: seed)
        for folder in ["bronze", "transforms"] {
            try FileManager.default.createDirectory(atPath: path + "/" + folder, withIntermediateDirectories: true)
        }
        let keys = try PartitionRange(
            from: PartitionKey(parsing: Self.first, as: .day), through: PartitionKey(parsing: Self.last, as: .day))
        var days: [String: Day] = [:]
        for key in keys {
            let amounts = (0..<Int.random(in: 20...60, using: &random)).map { _ in
                Int.random(in: 1...1000, using: &random)
            }
            let lines = amounts.enumerated().map { "\(key),\($0.offset),\($0.element)\n" }
            try ("day,id,amount\n" + lines.joined()).write(
                toFile: "\(path)/bronze/\(key).csv", atomically: false, encoding: .utf8)
            days["\(key)"] = Day(rows: amounts.count, sum: amounts.reduce(0, +))
        }
        self.days = days
        try JSONEncoder().encode(days).write(to: URL(filePath: expectations))
        try Self.yaml.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// Changes the transform, and so the version of every partition.
    func write(generation: Int) throws {
        try """
        SELECT day::DATE AS day, id::BIGINT AS id, amount::BIGINT * \(generation) AS amount,
            \(generation)::BIGINT AS generation
        FROM source

        """.write(toFile: path + "/transforms/figures.sql", atomically: true, encoding: .utf8)
    }

    /// What every worker is asked to do.
    static func arguments(workers: Int, lease: Duration) -> [String] {
        [
            "run", job, "--breaker", "1", "--workers", "\(workers)", "--lease",
            "\(Int(lease / .milliseconds(1)))ms", "--retries", "100", "--json",
        ] + range
    }

    private static let yaml = """
        schema: \(schema)
        engine: { threads: 1, memory_limit: 256MB }
        jobs:
          \(job):
            partition: { column: day, every: day }
            source: { path: bronze/%Y-%m-%d.csv, format: csv }
            target: { path: lake/figures, format: hive }
            transform: transforms/figures.sql

        """
}

import Foundation
import Partitions
import TestSupport

/// A user's folder with many days of raw figures for each job, and a transform that multiplies them by a factor.
///
/// The factor is the number of the generation: 1 at first, 2 after the first change of the transform, and so on. So each
/// row tells which generation it is of, and the sum of a day tells whether all of it is.
struct ChaosProject: Sendable {
    /// What a day of raw figures adds up to.
    struct Day: Codable, Hashable {
        let rows: Int
        let sum: Int
    }

    static let schema = "chaos"

    let path: String
    /// The days of each job by key, in a file too, for the readers.
    let days: [ChaosJob: [String: Day]]

    func table(_ job: ChaosJob) -> String { path + "/lake/" + job.rawValue }
    func bronze(_ job: ChaosJob) -> String { path + "/bronze/" + job.rawValue }
    func expectations(_ job: ChaosJob) -> String { "\(path)/expected-\(job.rawValue).json" }
    var configuration: String { path + "/reprocess.yaml" }

    /// Writes configuration and raw files; what is in them follows from the seed.
    init(path: String, seed: UInt64) throws {
        self.path = path
        var random = SplitMix64(seed: seed)
        var days: [ChaosJob: [String: Day]] = [:]
        try FileManager.default.createDirectory(atPath: path + "/transforms", withIntermediateDirectories: true)
        for job in ChaosJob.allCases {
            let folder = "\(path)/bronze/\(job.rawValue)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let keys = try PartitionRange(
                from: PartitionKey(parsing: job.days.first, as: .day),
                through: PartitionKey(parsing: job.days.last, as: .day))
            for key in keys {
                let amounts = (0..<Int.random(in: job.rows, using: &random)).map { _ in
                    Int.random(in: 1...1000, using: &random)
                }
                let lines = amounts.enumerated().map { "\(key),\($0.offset),\($0.element)\n" }
                try ("day,id,amount\n" + lines.joined()).write(
                    toFile: "\(folder)/\(key).csv", atomically: false, encoding: .utf8)
                days[job, default: [:]]["\(key)"] = Day(rows: amounts.count, sum: amounts.reduce(0, +))
            }
        }
        self.days = days
        for (job, days) in days {
            try JSONEncoder().encode(days).write(to: URL(filePath: expectations(job)))
        }
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
    static func arguments(_ job: ChaosJob, workers: Int, lease: Duration) -> [String] {
        [
            "run", job.rawValue, "--breaker", "1", "--workers", "\(workers)", "--lease",
            "\(Int(lease / .milliseconds(1)))ms", "--retries", "100", "--json",
        ] + job.range
    }

    private static let yaml = """
        schema: \(schema)
        engine: { threads: 1, memory_limit: 256MB }
        jobs:

        """ + ChaosJob.allCases.map(\.yaml).joined()
}

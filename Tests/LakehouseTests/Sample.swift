import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// A table in a folder of its own, and the files that tests put into it.
struct Sample {
    /// A Parquet file written by pyarrow: a column `v` of three integers.
    static let parquet = Data(
        base64Encoded: """
            UEFSMRUAFSQVJCwVBhUAFQYVBhwAAAACAAAABgEBAAAAAgAAAAMAAAAVBBksNQAYBnNjaGVtYRUCABUCJQIYAXYAFgYZHBkcJgAcFQIZJQYA\
            GRgBdhUAFgYWShZKJghJHBUAFQAVAgA8KQYZJgAGAAAAFkoWBiYIFkoAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRkcHAAA\
            AHoAAABQQVIx
            """)

    /// The first day of 2024.
    static let key = PartitionKey(granularity: .day, ordinal: 19_723)

    let folder: TemporaryDirectory
    var root: String { folder.appending("orders") }
    var sibling: String { root + ".reprocess" }
    var partition: String { root + "/order_date=2024-01-01" }
    var held: String { sibling + "/held/2024-01-01" }
    var stagings: String { sibling + "/staging/2024-01-01" }

    init(in parent: String? = nil) throws {
        folder = try TemporaryDirectory(in: parent)
    }

    func table(_ body: @escaping @Sendable (FaultPoint) throws -> Void = { _ in }) throws -> HiveTable {
        try HiveTable(path: root, column: "order_date", faults: FaultInjector(body))
    }

    /// Begins, stages one file and publishes.
    @discardableResult
    func publish(
        _ fence: Int64, of table: HiveTable? = nil, _ key: PartitionKey = key, rows: Int64 = 3
    ) throws -> PublishOutcome {
        let table = try table ?? self.table()
        let staging = try table.begin(key, writer: .attempt(fence))
        try Sample.stage(staging)
        return try table.publish(staging, rows: rows)
    }

    /// Puts a file into the partition as another program would.
    func writeForeign(_ name: String = "foreign.parquet") throws {
        try FileManager.default.createDirectory(atPath: partition, withIntermediateDirectories: true)
        try Sample.write(to: partition + "/" + name)
    }

    static func stage(_ staging: Staging, as name: String = "data.parquet") throws {
        try write(to: staging.directory + "/" + name)
    }

    static func write(to path: String) throws {
        guard let parquet else { throw CocoaError(.fileReadCorruptFile) }
        try parquet.write(to: URL(filePath: path))
    }

    /// Writes what begins and ends as a Parquet file does, which is all that a table of folders asks.
    static func write(_ text: String, to path: String) throws {
        try Data("PAR1\(text)PAR1".utf8).write(to: URL(filePath: path))
    }

    static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The number that a file keeps whatever it is called.
    static func node(_ path: String) throws -> UInt64 {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64)
    }

    /// The number of the file system that a path is on.
    static func device(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemNumber] as? Int)
    }

    /// The names in a folder, sorted; none where there is no folder.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Everything below a folder.
    static func paths(below folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
    }
}

extension Writer {
    /// The attempt of a fence, always with the same claim id.
    static func attempt(_ fence: Int64) -> Writer {
        let digits = String(fence)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        return Writer(fence: fence, claimID: UUID(uuidString: text) ?? UUID())
    }

    /// The attempt as it stands in names.
    var text: String { String(format: "%020lld-", fence) + claimID.uuidString.lowercased() }
}

extension PublishOutcome {
    var generation: Generation? {
        if case .published(let generation) = self { generation } else { nil }
    }
}

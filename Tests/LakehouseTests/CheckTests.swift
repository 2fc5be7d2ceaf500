import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

@Suite struct CheckTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    @Test func `A table that does not exist yet passes, and nothing is made`() throws {
        try HiveTable(path: sample.folder.appending("a/b/orders"), column: "day").check()
        #expect(Sample.names(in: sample.folder.path).isEmpty)
    }

    @Test func `A table with partitions of ours passes, and nothing is left behind`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let before = Sample.paths(below: sample.folder.path)
        try table.check()
        #expect(Sample.paths(below: sample.folder.path) == before)
    }

    @Test(arguments: [
        ("orders/_delta_log/", "Delta"), ("orders/.hoodie/", "Hudi"), ("orders/metadata/", "Iceberg"),
        ("orders/date=2024-01-01/", "partitioned by \"date\""), ("orders/all.parquet", "files outside of partitions"),
        ("orders.reprocess", "is a file"),
    ])
    func `A place that is something else is refused with the reason`(path: String, reason: String) throws {
        try make(path)
        try refuses(reason)
    }

    @Test func `A file in the table's place is refused`() throws {
        try make("orders")
        try refuses("is a file")
    }

    @Test(arguments: ["order date", "_day", "", "day=x", "../day", "a/b", ".day", "1st", "straße"])
    func `A column that readers would not read as a partition is refused`(column: String) throws {
        let error = #expect(throws: TableError.self) { try HiveTable(path: sample.root, column: column) }
        #expect(error?.code == .refused)
    }

    @Test func `A table among another table's stagings is refused`() throws {
        let error = #expect(throws: TableError.self) {
            try HiveTable(path: sample.sibling + "/staging/x", column: "day")
        }
        #expect(error?.message.contains("orders.reprocess") == true)
    }

    @Test func `One table has one identity, whatever path it is given`() throws {
        let link = sample.folder.appending("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: sample.folder.path)
        let expected = "hive:" + sample.root
        for path in [
            sample.root, sample.root + "/", link + "/orders", sample.folder.path + "/./x/../orders",
            link + "/../\(URL(filePath: sample.folder.path).lastPathComponent)/orders",
        ] {
            #expect(try HiveTable(path: path, column: "day").identity == expected, "\(path)")
        }
        try FileManager.default.createDirectory(atPath: sample.root, withIntermediateDirectories: true)
        #expect(try HiveTable(path: link + "/orders", column: "day").identity == expected)
    }

    private func make(_ path: String) throws {
        let full = sample.folder.appending(path)
        let isFolder = path.hasSuffix("/")
        let folder = isFolder ? full : URL(filePath: full).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if !isFolder { try Sample.write(to: full) }
    }

    private func refuses(_ reason: String) throws {
        let error = #expect(throws: TableError.self) { try sample.table().check() }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
}

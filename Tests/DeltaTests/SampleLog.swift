import Foundation
import Partitions

/// A log that a test writes line by line.
struct SampleLog {
    let root: String
    var folder: String { root + "/_delta_log" }

    init(_ root: String) {
        self.root = root
    }

    static let schema = """
        {"type":"struct","fields":[{"name":"order_date","type":"date","nullable":true,"metadata":{}},\
        {"name":"v","type":"long","nullable":true,"metadata":{}}]}
        """

    static let protocolLine = #"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#

    static func metadata(schema: String = schema, columns: String = #"["order_date"]"#, properties: String = "{}")
        -> String
    {
        let quoted = schema.replacing("\"", with: "\\\"")
        return """
            {"metaData":{"id":"11111111-1111-4111-8111-111111111111","format":{"provider":"parquet","options":{}},\
            "schemaString":"\(quoted)","partitionColumns":\(columns),"configuration":\(properties),"createdTime":0}}
            """
    }

    /// The first version, with neither files nor anything special.
    func create() throws {
        try write([SampleLog.protocolLine, SampleLog.metadata()], version: 0)
    }

    func write(_ lines: [String], version: Int64) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = lines.joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: URL(filePath: path(version)))
    }

    func path(_ version: Int64) -> String { folder + "/" + String(format: "%020lld.json", version) }

    func add(_ path: String, _ day: String) -> String {
        """
        {"add":{"path":"\(path)","partitionValues":{"order_date":"\(day)"},"size":1000,"modificationTime":0,\
        "dataChange":true,"stats":"{\\"numRecords\\":600,\\"minValues\\":{\\"v\\":1},\\"maxValues\\":{\\"v\\":2}}"}}
        """
    }

    func remove(_ path: String, _ day: String) -> String {
        """
        {"remove":{"path":"\(path)","deletionTimestamp":0,"dataChange":true,"extendedFileMetadata":true,\
        "partitionValues":{"order_date":"\(day)"},"size":1000}}
        """
    }

    func transaction(_ application: String, _ version: Int64) -> String {
        #"{"txn":{"appId":"\#(application)","version":\#(version),"lastUpdated":0}}"#
    }

    /// The day that lies so many days after 2024-01-01.
    static func day(_ number: Int) -> String {
        PartitionKey(granularity: .day, ordinal: 19_723 + number).description
    }
}

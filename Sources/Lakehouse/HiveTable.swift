public import Partitions
public struct HiveTable: Table {
    public init(root: String, partitionColumn: String) throws {}
    public var identity: String { "" }
    public func check() throws {}
    public func begin(_ key: PartitionKey, writer: Writer) throws -> Staging { throw TableError(.io, "") }
    public func current(_ key: PartitionKey) throws -> Generation? { nil }
    public func publish(_ staging: Staging, rows: Int64) throws -> PublishOutcome { .fenced(by: 0) }
    public func discard(_ staging: Staging) throws {}
}

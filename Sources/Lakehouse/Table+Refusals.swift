public import Partitions

/// What a table of a kind that cannot be looked at in this way answers.
extension Table {
    /// None: this kind of table has no upkeep of its own.
    public func takeNotices() -> [String] { [] }

    /// None: the versions of this kind of table name no attempts.
    public func writer(ofVersion version: String) -> Writer? { nil }

    /// Refuses: this kind of table cannot be inspected.
    public func inspect(_ key: PartitionKey) throws -> PartitionInspection? { throw refusal("inspected") }

    /// Refuses: this kind of table cannot be cleaned up.
    public func partitionsWithLeftovers(_ granularity: Granularity) throws -> [PartitionKey] {
        throw refusal("cleaned up")
    }

    /// Refuses: this kind of table cannot be cleaned up.
    public func leftovers(of key: PartitionKey) throws -> PartitionLeftovers { throw refusal("cleaned up") }

    /// Refuses: this kind of table cannot be cleaned up.
    public func remove(_ leftover: Leftover, of key: PartitionKey) throws -> Bool { throw refusal("cleaned up") }

    /// None: this kind of table keeps nothing as a whole.
    public func tableLeftovers() throws -> [TableLeftover] { [] }

    /// Nothing to remove: this kind of table keeps nothing as a whole.
    public func remove(_ leftover: TableLeftover) throws -> Bool { false }

    private func refusal(_ what: String) -> TableError {
        TableError(.refused, "The table \(identity) cannot be \(what) by this version: only Hive directories can.")
    }
}

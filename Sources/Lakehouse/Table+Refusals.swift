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

    /// Refuses: nothing of this kind of table can be set aside.
    public func hold(_ staging: Staging) throws -> HeldGeneration { throw refusal("held") }

    /// None: nothing of this kind of table can be set aside.
    public func held(_ key: PartitionKey, by writer: Writer) throws -> HeldGeneration? { nil }

    /// Refuses: nothing of this kind of table can be set aside.
    public func stageHeld(by writer: Writer, into staging: Staging) throws { throw refusal("held") }

    /// Nothing to remove: nothing of this kind of table can be set aside.
    public func dropHeld(_ key: PartitionKey, by writer: Writer) throws {}

    /// Not kept: this kind of table keeps no past generations.
    public func replaced(_ key: PartitionKey, by writer: Writer) throws -> ReplacedGeneration {
        .gone(reason: "The table \(identity) keeps no past generations.")
    }

    /// Refuses: this kind of table keeps no past generations.
    public func stageReplaced(by writer: Writer, into staging: Staging) throws { throw refusal("put back") }

    private func refusal(_ what: String) -> TableError {
        TableError(.refused, "The table \(identity) cannot be \(what) by this version: only Hive directories can.")
    }
}

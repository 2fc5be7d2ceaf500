internal import Partitions

extension DeltaTable {
    /// What the log says that matters for one partition.
    struct Look {
        /// The newest version; -1 where there is no table.
        let version: Int64
        /// The table; nil where there is none.
        let table: TableFacts?
    }

    /// A table as it is at one version, with one of its partitions.
    struct TableFacts {
        let `protocol`: DeltaProtocol
        let metadata: DeltaMetadata
        let schema: DeltaSchema
        let column: PartitionColumn
        /// The value of the partition.
        let value: PartitionValue
        /// The live files of the partition.
        let partition: [LiveFile]
        /// How far attempts at this partition have come.
        let committedFence: Int64?
        /// The time of the newest version, where it is known.
        var inCommitTimestamp: Int64?

        /// The partition columns beside the one by which the table is replaced.
        var otherColumns: [DeltaField] {
            (metadata.partitionColumns ?? []).filter { $0 != column.field.name }.compactMap(schema.field)
        }
    }

    /// Reads what is new in the log and takes out what concerns one partition.
    ///
    /// - Throws: `TableError(.refused)` where the table must not be written, with everything that stands in the way.
    func look(at key: PartitionKey) throws -> Look {
        try log.withLatest { replay in try look(at: key, in: copy replay) }
    }

    /// Reads what is new in the log and looks at several partitions at the same version.
    func looks(at keys: [PartitionKey]) throws -> [Result<Look, any Error>] {
        try log.withLatest { replay in
            var looks: [Result<Look, any Error>] = []
            for key in keys {
                do {
                    looks.append(.success(try look(at: key, in: copy replay)))
                } catch {
                    looks.append(.failure(error))
                }
            }
            return looks
        }
    }

    private func look(at key: PartitionKey, in replay: LogReplay?) throws -> Look {
        guard let replay, let `protocol` = replay.protocol, let metadata = replay.metadata else {
            return Look(version: -1, table: nil)
        }
        let column = try checkedColumn(of: replay, metadata)
        guard let schema = replay.schema, let value = column.value(of: key) else {
            throw wrongColumnType(column.field)
        }
        let within = column.valuesWithin(key, of: replay.files.values)
        guard within.isEmpty else { throw finerPartitions(column.field, key) }
        return Look(
            version: replay.version,
            table: TableFacts(
                protocol: `protocol`, metadata: metadata, schema: schema, column: column, value: value,
                partition: replay.files.files(of: value),
                committedFence: replay.transaction(applicationID(metadata.id, key)),
                inCommitTimestamp: replay.inCommitTimestamp))
    }

    /// What the log counts attempts by: one name a partition, so that commits to different ones never conflict.
    func applicationID(_ table: String, _ key: PartitionKey) -> String { "reprocess/\(table)/\(key)" }

    /// The partition column of a table that may be written.
    func checkedColumn(
        of replay: borrowing LogReplay, _ metadata: DeltaMetadata
    ) throws -> PartitionColumn {
        guard replay.objections.isEmpty else { throw refusal(replay.objections) }
        guard let field = replay.files.column else { throw notPartitioned(metadata.partitionColumns ?? []) }
        let column = PartitionColumn(field: field)
        // Any key will do: whether the type can hold keys of this size does not depend on the key.
        guard column.value(of: PartitionKey(granularity: granularity, ordinal: 0)) != nil else {
            throw wrongColumnType(field)
        }
        guard replay.files.unusable == 0 else { throw unusableValues(field) }
        for name in metadata.partitionColumns ?? [] {
            let type = replay.schema?.field(name)?.type.name ?? ""
            guard DeltaTable.canSplit(by: type) else { throw cannotSplit(name, type) }
        }
        return column
    }

    /// Whether a partition value of a type is spelled in a log as DuckDB spells it.
    private static func canSplit(by type: String) -> Bool {
        let plain = ["string", "long", "integer", "short", "byte", "boolean", "date", "timestamp_ntz", "decimal"]
        return plain.contains(type) || type.hasPrefix("decimal(")
    }
}

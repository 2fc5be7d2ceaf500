/// A version of a table, and what a checkpoint of it must say: as the log's own replay knows it.
struct CheckpointTarget: Hashable {
    let version: Int64
    let tableID: String
    let schema: String
    /// The column by which files are found; nil where it is no partition column.
    let column: String?
    let files: Int
    let bytes: Int64
    let transactions: Int
    let domains: Int
    let properties: DeltaProperties
    /// The columns by which the table is partitioned.
    let partitionColumns: [String]

    /// Reads the state of a log; nil where there is nothing to make a checkpoint of.
    init?(_ replay: borrowing LogReplay) {
        guard let metadata = replay.metadata, let schema = metadata.schemaString else { return nil }
        version = replay.version
        tableID = metadata.id
        self.schema = schema
        column = replay.files.column?.name
        files = replay.files.count
        bytes = replay.files.bytes
        transactions = replay.allTransactions.count
        domains = replay.domains.count
        properties = DeltaProperties(metadata)
        partitionColumns = metadata.partitionColumns ?? []
    }

    /// Statistics in their own types, where the table asks for them.
    var parsedStatistics: ParsedStatistics? {
        get throws {
            ParsedStatistics(properties, schema: try DeltaSchema(json: schema), partitionColumns: partitionColumns)
        }
    }
}

internal import PartitionBackfill
internal import Partitions

/// What a plan will probably cost, for programs.
enum PriceJSON {
    static func value(of price: PlanPrice) -> JSONValue {
        .object([
            "partitions": .integer(price.partitions), "looked_at": .integer(price.lookedAt),
            "bytes": .optional(price.bytes?.sum), "bytes_known": .integer(price.bytes?.known ?? 0),
            "rows": .optional(price.rows?.sum), "rows_known": .integer(price.rows?.known ?? 0),
            "rows_basis": .optional(price.rowsBasis?.rawValue), "footers": .integer(price.footers),
            "footers_read": .integer(price.footersRead),
            "seconds": price.work.map { .number($0.seconds) } ?? .null,
            "attempts": .integer(price.work?.attempts ?? 0), "workers": .integer(price.workers),
            "finish": .array(
                price.finish.map { .object(["workers": .integer($0.workers), "seconds": .number($0.seconds)]) }),
            "heaviest": .array(price.heaviest.map(entry)), "unseen": .integer(price.unseen),
            "problem": .optional(price.problem),
        ])
    }

    /// What did not fit into a limit of bytes; null where nothing came up to it.
    static func value(of end: ByteLimit?) -> JSONValue {
        guard let end else { return .null }
        return .object([
            "limit": .integer(end.limit), "started": .integer(end.started), "next": .text(end.next.description),
            "next_bytes": .integer(end.nextBytes),
        ])
    }

    private static func entry(_ entry: PlanPrice.Entry) -> JSONValue {
        .object([
            "partition": .text(entry.key.description), "bytes": .optional(entry.price.bytes),
            "rows": .optional(entry.price.rows), "rows_basis": .optional(entry.price.rowsBasis?.rawValue),
            "seconds": entry.price.seconds.map { .number($0) } ?? .null,
        ])
    }
}

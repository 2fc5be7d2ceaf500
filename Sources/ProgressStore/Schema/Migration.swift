/// One step from one version of the ledger's schema to the next.
struct Migration: Sendable {
    /// The version that the schema has afterwards.
    let version: Int
    /// The SQL of the step, in one transaction with its bookkeeping row.
    let source: [UInt8]

    /// Every step, in order.
    static let all = [
        Migration(version: 1, source: PackageResources.v0001_initial_sql),
        Migration(version: 2, source: PackageResources.v0002_claims_from_sql_sql),
        Migration(version: 3, source: PackageResources.v0003_status_counts_sql),
        Migration(version: 4, source: PackageResources.v0004_source_versions_sql),
        Migration(version: 5, source: PackageResources.v0005_judgements_sql),
        Migration(version: 6, source: PackageResources.v0006_steering_sql),
        Migration(version: 7, source: PackageResources.v0007_attempt_costs_sql),
        Migration(version: 8, source: PackageResources.v0008_measured_later_sql),
        Migration(version: 9, source: PackageResources.v0009_batches_sql),
        Migration(version: 10, source: PackageResources.v0010_turns_sql),
        Migration(version: 11, source: PackageResources.v0011_forecasts_sql),
    ]

    /// The version of the schema that this program was built for.
    static let current = all.last?.version ?? 0
}

/// What the version of a ledger that was found means.
enum SchemaStanding: Sendable, Equatable {
    /// Nothing is to be done.
    case current
    /// Steps are missing; they run by themselves.
    case behind
    /// A newer program made it; this one must not touch it.
    case newer(Int)

    /// Judges a version found, nil where there is no ledger yet.
    init(found version: Int?, known: Int = Migration.current) {
        let version = version ?? 0
        self = version == known ? .current : version < known ? .behind : .newer(version)
    }
}

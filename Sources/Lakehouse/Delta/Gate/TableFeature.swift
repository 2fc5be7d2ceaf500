/// What the protocol calls a table feature, and what it asks of a program that replaces whole partitions.
///
/// `docs/delta-protocol.md` has the reasons.
enum TableFeature {
    /// The rule for a feature that a table lists.
    enum Rule: Hashable {
        /// Nothing has to be done for it.
        case accepted
        /// Nothing has to be done unless a property or a column uses it, which `DeltaGate` looks for.
        case acceptedUnlessUsed
        /// The table cannot be written.
        case refused(String)
    }

    /// The rule for a feature by its name; a name that is not known is refused.
    static func rule(for name: String) -> Rule {
        if accepted.contains(name) { return .accepted }
        if acceptedUnlessUsed.contains(name) { return .acceptedUnlessUsed }
        return .refused(reasons[name] ?? "this version of reprocess does not know what it asks of a writer")
    }

    /// The features that a table of an old writer version has without listing them ("Feature Table").
    static func implied(byWriterVersion version: Int) -> [String] {
        [
            (2, "appendOnly"), (2, "invariants"), (3, "checkConstraints"), (4, "changeDataFeed"),
            (4, "generatedColumns"), (5, "columnMapping"), (6, "identityColumns"),
        ].filter { $0.0 <= version }.map(\.1)
    }

    private static let accepted: Set<String> = [
        // Files are added and removed whole, from which readers derive the changes themselves.
        "changeDataFeed",
        // A file that is removed carries its deletion vector along; none is ever written.
        "deletionVectors",
        // Each entry says its time.
        "inCommitTimestamp",
        "domainMetadata", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck",
    ]

    private static let acceptedUnlessUsed: Set<String> = [
        "allowColumnDefaults", "appendOnly", "checkConstraints", "columnMapping", "generatedColumns",
        "identityColumns", "invariants", "rowTracking",
    ]

    private static let reasons = [
        "catalogManaged": "its commits must go through a catalog",
        "catalogOwned-preview": "its commits must go through a catalog",
        "coordinatedCommits-preview": "its commits must go through a coordinator",
        "clustering": "it cannot be partitioned",
        "icebergCompatV1": "its files must also be right for Iceberg",
        "icebergCompatV2": "its files must also be right for Iceberg",
        "icebergCompatV3": "its files must also be right for Iceberg",
        "icebergWriterCompatV1": "its files must also be right for Iceberg",
        "materializePartitionColumns": "its files must hold the partition columns as well",
        "typeWidening": "its columns may have changed their types",
        "typeWidening-preview": "its columns may have changed their types",
    ]
}

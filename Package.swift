// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "reprocess",
    products: [
        .library(name: "PartitionBackfill", targets: ["PartitionBackfill", "ReprocessCLI"]),
        .executable(name: "reprocess", targets: ["reprocess"]),
    ],
    targets: [
        // Values: what a partition is. No I/O.
        .target(name: "Partitions"),
        // Blocking C calls, kept off Swift's cooperative pool.
        .target(name: "BlockingWork"),

        // The ledger in PostgreSQL.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "ProgressStore",
            dependencies: ["BlockingWork", "CLibPQ", "Partitions"],
            resources: [.embedInCode("SQL")]
        ),

        // The engine that runs SQL and writes Parquet.
        .target(name: "CDuckDB"),
        .target(name: "DuckDBEngine", dependencies: ["CDuckDB"]),

        // What a user writes: jobs, transforms, sources, targets.
        .target(name: "Transforms", dependencies: ["BlockingWork", "DuckDBEngine", "Partitions"]),

        // What publishes: tables on disk.
        .target(name: "Lakehouse", dependencies: ["Partitions"]),

        // The controller.
        .target(
            name: "PartitionBackfill",
            dependencies: ["BlockingWork", "Lakehouse", "Partitions", "ProgressStore", "Transforms"]
        ),

        // The command line.
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(
            name: "ReprocessCLI",
            dependencies: [
                "BlockingWork", "CYAML", "Lakehouse", "PartitionBackfill", "Partitions", "ProgressStore", "Transforms",
            ]
        ),
        .executableTarget(name: "reprocess", dependencies: ["ReprocessCLI"]),

        // Temporary folders, a shared test cluster, real processes: what several test targets need.
        .target(
            name: "TestSupport",
            dependencies: ["Partitions", "ProgressStore"],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "PartitionsTests", dependencies: ["Partitions"]),
        .testTarget(name: "ProgressStoreTests", dependencies: ["Partitions", "ProgressStore", "TestSupport"]),
        .testTarget(name: "DuckDBEngineTests", dependencies: ["DuckDBEngine", "TestSupport"]),
        .testTarget(name: "TransformsTests", dependencies: ["Partitions", "TestSupport", "Transforms"]),
        .testTarget(name: "LakehouseTests", dependencies: ["Lakehouse", "Partitions", "TestSupport"]),
        .testTarget(
            name: "PartitionBackfillTests",
            dependencies: [
                "Lakehouse", "PartitionBackfill", "Partitions", "ProgressStore", "TestSupport", "Transforms",
            ]
        ),
        .testTarget(
            name: "ReprocessCLITests",
            dependencies: [
                "PartitionBackfill", "Partitions", "ProgressStore", "ReprocessCLI", "TestSupport", "Transforms",
            ],
            exclude: ["Golden"]
        ),
        // Runs the built program as a user does.
        .testTarget(name: "EndToEndTests", dependencies: ["TestSupport", "reprocess"]),
    ],
    swiftLanguageModes: [.v6]
)

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Keep this loop after all target declarations: it gives every Swift target the same strictness.
for target in package.targets where target.type != .system && target.name != "CDuckDB" {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}

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
        // Named places at which a test kills, stops or fails a debug build.
        .target(name: "FaultPoints"),

        // The ledger in PostgreSQL.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "ProgressStore",
            dependencies: ["BlockingWork", "CLibPQ", "FaultPoints", "Partitions"],
            resources: [.embedInCode("SQL")]
        ),

        // The engine that runs SQL and writes Parquet.
        .target(name: "CDuckDB"),
        // Arithmetic on the engine's vectors, while rows pass by.
        .target(name: "CMeasure", dependencies: ["CDuckDB"]),
        .target(name: "DuckDBEngine", dependencies: ["CDuckDB", "CMeasure"]),

        // What a user writes: jobs, transforms, sources, targets.
        .target(name: "Transforms", dependencies: ["BlockingWork", "DuckDBEngine", "FaultPoints", "Partitions"]),

        // What publishes: tables on disk.
        .target(name: "CLinux"),
        .target(name: "Lakehouse", dependencies: ["CLinux", "DuckDBEngine", "FaultPoints", "Partitions"]),

        // The controller.
        .target(
            name: "PartitionBackfill",
            dependencies: ["BlockingWork", "FaultPoints", "Lakehouse", "Partitions", "ProgressStore", "Transforms"]
        ),

        // The command line.
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(
            name: "ReprocessCLI",
            dependencies: [
                "BlockingWork", "CLinux", "CMalloc", "CYAML", "Lakehouse", "PartitionBackfill", "Partitions",
                "ProgressStore", "Transforms",
            ]
        ),
        .executableTarget(name: "reprocess", dependencies: ["ReprocessCLI"]),

        // Temporary folders, a shared test cluster, real processes: what several test targets need.
        .target(
            name: "TestSupport",
            dependencies: ["BlockingWork", "CLibPQ", "Partitions", "ProgressStore"],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "PartitionsTests", dependencies: ["Partitions"]),
        // One user of the embedded server as a process of its own, which tests start twenty of, and kill.
        .executableTarget(
            name: "EmbeddedClusterProbe",
            dependencies: ["ProgressStore"],
            path: "Tests/EmbeddedClusterProbe"
        ),
        .testTarget(
            name: "ProgressStoreTests",
            dependencies: ["EmbeddedClusterProbe", "Partitions", "ProgressStore", "TestSupport"]
        ),
        .testTarget(name: "DuckDBEngineTests", dependencies: ["DuckDBEngine", "TestSupport"]),
        .testTarget(
            name: "TransformsTests", dependencies: ["DuckDBEngine", "Partitions", "TestSupport", "Transforms"]
        ),
        // Publishes one partition in a process of its own, so that it can be killed and stopped.
        .executableTarget(
            name: "PublishProbe", dependencies: ["Lakehouse", "Partitions"], path: "Tests/PublishProbe"
        ),
        .testTarget(
            name: "LakehouseTests",
            dependencies: ["FaultPoints", "Lakehouse", "Partitions", "ProgressStore", "PublishProbe", "TestSupport"],
            exclude: ["Readers"]
        ),
        // Opens a Delta log, or replaces one partition of a Delta table, in a process of its own.
        .executableTarget(
            name: "DeltaProbe", dependencies: ["DuckDBEngine", "FaultPoints", "Lakehouse", "Partitions"],
            path: "Tests/DeltaProbe"
        ),
        .testTarget(
            name: "DeltaTests",
            dependencies: [
                "BlockingWork", "DeltaProbe", "DuckDBEngine", "FaultPoints", "Lakehouse", "PartitionBackfill",
                "Partitions", "ProgressStore", "TestSupport", "Transforms",
            ],
            exclude: ["Python"]
        ),
        // Holds, approves, rejects or undoes one partition in a process of its own, so that it can be killed.
        .executableTarget(
            name: "DecisionProbe", dependencies: ["PartitionBackfill", "ProgressStore"], path: "Tests/DecisionProbe"
        ),
        .testTarget(
            name: "PartitionBackfillTests",
            dependencies: [
                "DecisionProbe", "FaultPoints", "Lakehouse", "PartitionBackfill", "Partitions", "ProgressStore",
                "TestSupport", "Transforms",
            ]
        ),
        .testTarget(
            name: "ReprocessCLITests",
            dependencies: [
                "Lakehouse", "PartitionBackfill", "Partitions", "ProgressStore", "ReprocessCLI", "TestSupport",
                "Transforms",
            ],
            exclude: ["Golden"]
        ),
        // The protocol as values under a seeded scheduler, and what holds the model to the real ledger and table.
        .target(name: "ProtocolModel", path: "Tests/ProtocolModel"),
        .testTarget(
            name: "ProtocolModelTests",
            dependencies: ["FaultPoints", "Lakehouse", "Partitions", "ProgressStore", "ProtocolModel", "TestSupport"]
        ),
        // Runs the built program as a user does.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["BlockingWork", "DuckDBEngine", "FaultPoints", "TestSupport", "reprocess"]
        ),
        // Kills, stops and cuts off many workers at once, for as long as it is told to.
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "BlockingWork", "CLinux", "FaultPoints", "Partitions", "ProgressStore", "TestSupport", "reprocess",
            ],
            exclude: ["Readers/watch_generations.py"]
        ),
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
let cTargets = ["CDuckDB", "CLinux", "CMeasure"]
for target in package.targets where target.type != .system && !cTargets.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}

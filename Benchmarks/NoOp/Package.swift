// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "NoOp",
    dependencies: [.package(name: "reprocess", path: "../..")],
    targets: [
        .executableTarget(
            name: "NoOp",
            dependencies: [.product(name: "PartitionBackfill", package: "reprocess")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .treatAllWarnings(as: .error),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)

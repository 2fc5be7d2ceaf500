// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "LedgerSpeed",
    dependencies: [.package(name: "reprocess", path: "../..")],
    targets: [
        .executableTarget(
            name: "LedgerSpeed",
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

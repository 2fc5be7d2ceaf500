// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "orders",
    dependencies: [.package(name: "reprocess", path: "../..")],
    targets: [
        .executableTarget(
            name: "orders",
            dependencies: [.product(name: "PartitionBackfill", package: "reprocess")]
        )
    ],
    swiftLanguageModes: [.v6]
)

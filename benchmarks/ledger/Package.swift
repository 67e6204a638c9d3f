// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "ledger-benchmark",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "drayage", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .executableTarget(
      name: "ledger-benchmark",
      dependencies: [
        .product(name: "DrayageCore", package: "drayage"),
        .product(name: "DrayageLedger", package: "drayage"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/LedgerBenchmark",
      swiftSettings: strict)
  ],
  swiftLanguageModes: [.v6]
)

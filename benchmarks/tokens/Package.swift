// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tokens-benchmark",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "drayage", path: "../..")],
  targets: [
    .executableTarget(
      name: "tokens-benchmark",
      dependencies: [.product(name: "DrayageProfiles", package: "drayage")],
      path: "Sources/TokensBenchmark",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
      ])
  ],
  swiftLanguageModes: [.v6]
)

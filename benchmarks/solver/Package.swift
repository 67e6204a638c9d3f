// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "solver-benchmark",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "drayage", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .executableTarget(
      name: "solver-benchmark",
      dependencies: [
        .product(name: "MultipleChoice", package: "drayage"),
        .product(name: "DrayageTesting", package: "drayage"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/SolverBenchmark",
      swiftSettings: strict)
  ],
  swiftLanguageModes: [.v6]
)

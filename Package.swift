// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "drayage",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Drayage", targets: ["Drayage", "DrayageCore"]),
    .library(name: "DrayageCore", targets: ["DrayageCore"]),
    .library(name: "DrayageProfiles", targets: ["DrayageProfiles"]),
    .library(name: "DrayageExecution", targets: ["DrayageExecution"]),
    .library(name: "DrayageLedger", targets: ["DrayageLedger"]),
    .library(name: "DrayageTesting", targets: ["DrayageTesting"]),
    .library(name: "LinearOptimization", targets: ["LinearOptimization"]),
    .library(name: "MultipleChoice", targets: ["MultipleChoice"]),
    .executable(name: "drayage", targets: ["DrayageCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  ],
  targets: [
    // C libraries, each behind one small target.
    .systemLibrary(
      name: "CGLPK",
      providers: [.apt(["libglpk-dev"]), .brew(["glpk"])]),
    .systemLibrary(
      name: "CCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(
      name: "CPostgres",
      pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),

    // The brain: no word of our domain below, no solver above.
    .target(name: "LinearOptimization", dependencies: ["CGLPK"], swiftSettings: strict),
    .target(name: "CPricing"),
    .target(
      name: "MultipleChoice", dependencies: ["LinearOptimization", "CPricing"], swiftSettings: strict),

    // The price files, as bytes.
    .target(name: "CCatalog"),

    // What to expect of an answer: numbers in, distributions out.
    .target(name: "DrayageProfiles", swiftSettings: strict),

    // The nouns: values only.
    .target(name: "DrayageCore", swiftSettings: strict),

    // The library: files in, plans and decisions out.
    .target(
      name: "Drayage",
      dependencies: ["DrayageCore", "DrayageProfiles", "MultipleChoice", "LinearOptimization", "CCatalog"],
      swiftSettings: strict),

    // The hands: what goes over the wire and onto the disk.
    .target(
      name: "DrayageExecution",
      dependencies: ["Drayage", "DrayageCore", "DrayageProfiles", "DrayageLedger", "CCurl"],
      swiftSettings: strict),

    // The books: budgets and jobs on disk, in SQLite or PostgreSQL.
    .target(
      name: "DrayageLedger",
      dependencies: ["DrayageCore", "CPostgres", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),

    // Providers to practise on, and suites that any implementation can be put through.
    .target(
      name: "DrayageSimulation",
      dependencies: [
        "Drayage", "DrayageCore",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .target(
      name: "DrayageTesting", dependencies: ["LinearOptimization", "MultipleChoice"], swiftSettings: strict),

    // The door.
    .executableTarget(
      name: "DrayageCLI",
      dependencies: [
        "Drayage", "DrayageCore", "DrayageProfiles", "DrayageExecution", "DrayageLedger", "DrayageSimulation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .testTarget(
      name: "LinearOptimizationTests", dependencies: ["LinearOptimization", "DrayageTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "MultipleChoiceTests",
      dependencies: ["MultipleChoice", "LinearOptimization", "DrayageTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "DrayageCoreTests", dependencies: ["DrayageCore", "DrayageTesting"], swiftSettings: strict),
    .testTarget(
      name: "DrayageProfilesTests", dependencies: ["DrayageProfiles", "DrayageTesting"],
      resources: [.copy("TokensData")], swiftSettings: strict),
    .testTarget(
      name: "DrayageTests", dependencies: ["DrayageTesting", "Drayage", "DrayageCore", "DrayageProfiles"],
      exclude: ["Data"], swiftSettings: strict),
    .testTarget(
      name: "DrayageExecutionTests",
      dependencies: [
        "DrayageTesting", "DrayageExecution", "DrayageLedger", "DrayageSimulation", "Drayage", "DrayageCore",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Corpus", "Golden"], swiftSettings: strict),
    .testTarget(
      name: "DrayageLedgerTests",
      dependencies: [
        "DrayageTesting", "DrayageLedger", "DrayageCore", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DrayageSimulationTests",
      dependencies: ["DrayageTesting", "DrayageSimulation", "Drayage", "DrayageCore"],
      swiftSettings: strict),
    .testTarget(
      name: "DrayageCLITests",
      dependencies: [
        "DrayageTesting", "DrayageCLI", "DrayageSimulation", "Drayage", "DrayageCore", "LinearOptimization",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

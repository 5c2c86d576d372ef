// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One package, three graphs, so that nothing is compiled that a step doesn't run:
// HYPERPLANE_GRAPH=core leaves out the control plane and the daemons, for the debug tests of layers
// 0 to 3; HYPERPLANE_GRAPH=server leaves out those tests; without it everything is there.
let graph = ProcessInfo.processInfo.environment["HYPERPLANE_GRAPH"]
let coreOnly = graph == "core"

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func executable(
    _ name: String, path: String? = nil, _ dependencies: [Target.Dependency]
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
    -> Target
{
    .testTarget(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(
    name: "Hummingbird", package: "hummingbird",
    moduleAliases: ["Configuration": "SwiftConfiguration"])
let asyncHTTPClient: Target.Dependency = .product(
    name: "AsyncHTTPClient", package: "async-http-client",
    moduleAliases: ["Configuration": "SwiftConfiguration"])
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// The layers of docs/ARCHITECTURE.md, from the bottom up. Arrows go downward only; the tidy test
// reads the sources' import lines against this list.
let core: [Target] = [
    .target(name: "CIntrinsics"),
    library("Wire", ["CIntrinsics"]),
    library("Steering", ["Wire"]),
    library("Configuration", ["Wire"]),
    library("Tables", ["Wire", "CIntrinsics"]),
    library("Placement", []),
    library("Translation", ["Steering", "Configuration", "Tables", "Wire"]),
    library("Consensus", ["Configuration", "Tables", "Wire"]),
    library("Node", ["Translation", "Consensus", "Steering", "Configuration", "Tables", "Wire"]),
    library("Traffic", ["Steering", "Configuration", "Wire"]),
    .target(name: "CLinux"),
    library("LinuxIO", ["CLinux", "Wire"]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    library("Sealing", ["Wire", "CLZ4", "COpenSSL"]),
    library(
        "Simulator",
        ["Node", "Translation", "Consensus", "Steering", "Configuration", "Tables", "Wire"]),
]

let server: [Target] = [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    library("ControlClient", ["Configuration", "Sealing", "Wire", asyncHTTPClient]),
    library(
        "ControlServer",
        [
            "ControlClient", "Configuration", "Placement", "Sealing", "Wire", "CSQLite",
            hummingbird,
        ]),
    library(
        "Operations",
        [
            "ControlClient", "Node", "Translation", "Steering", "Configuration", "Wire",
            hummingbird,
        ]),
    executable(
        "hyperplane",
        ["ControlClient", "Simulator", "Wire", argumentParser, asyncHTTPClient, yams]),
    executable("hyperplane-placement", ["ControlServer", argumentParser]),
    executable(
        "hyperplane-node",
        [
            "Node", "Translation", "Consensus", "Tables", "Configuration", "Wire", "LinuxIO",
            "Sealing", "Operations", "ControlClient", argumentParser,
        ]),
    executable(
        "hyperplane-traffic", path: "tools/hyperplane-traffic",
        ["Traffic", "LinuxIO", "ControlClient", "Configuration", "Wire", argumentParser, yams]),
]

/// What a module's tests may import beside what the module may: the whole that it is a part of.
let testedWith: [String: [Target.Dependency]] = ["Sealing": ["Consensus"]]

/// `Tests/<Module>Tests`, where that folder exists: it may import what the module may.
func testTarget(for target: Target) -> Target? {
    let path = "Tests/\(target.name)Tests"
    guard FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(path)") else {
        return nil
    }
    let fixtures = "\(Context.packageDirectory)/\(path)/Fixtures"
    return tests(
        "\(target.name)Tests",
        [.target(name: target.name)] + target.dependencies
            + testedWith[target.name, default: []],
        resources: FileManager.default.fileExists(atPath: fixtures) ? [.copy("Fixtures")] : [])
}

/// Plays many seeds of the simulator (`tools/dev sim`), without the server's dependencies.
let simulationTool = executable("hyperplane-sim", path: "tools/hyperplane-sim", ["Simulator"])

let package = Package(
    name: "hyperplane",
    products: [
        .library(name: "HyperplaneCore", targets: core.filter { $0.type == .regular }.map(\.name))
    ],
    dependencies: coreOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(
                url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
                traits: []),
            .package(
                url: "https://github.com/swift-server/async-http-client", from: "1.37.0",
                traits: []),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        ],
    targets: core + (coreOnly ? [simulationTool] : server)
        + (graph == "server" ? [] : core.compactMap(testTarget(for:)) + [tests("TidyTests", [])])
        + (coreOnly ? [] : server.compactMap(testTarget(for:)))
)

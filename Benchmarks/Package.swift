// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that what only benchmarks need never weighs on the product. Run it
// with `Benchmarks/run`.
let package = Package(
    name: "hyperplane-benchmarks",
    dependencies: [.package(name: "hyperplane", path: "..")],
    targets: [
        .target(name: "CProcessors"),
        .executableTarget(
            name: "HyperplaneBenchmarks",
            dependencies: ["CProcessors", .product(name: "HyperplaneCore", package: "hyperplane")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableExperimentalFeature("Lifetimes"),
                .strictMemorySafety(),
            ]),
    ]
)

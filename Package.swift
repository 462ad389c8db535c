// swift-tools-version: 6.2

import PackageDescription

// Set by CI only: warnings of newer compilers must not break anyone's build.
let treatsWarningsAsErrors = Context.environment["WSLINE_WARNINGS"] == "error"

// Set by Tests/Fuzz/run. The fuzz driver has its own entry point, so `wsline` is built as a library without Main.swift.
let isFuzzing = Context.environment["WSLINE_FUZZ"] != nil

// Only the modules of this package are instrumented: coverage of the libraries would mislead the fuzzer, and a normal
// release build of them is reused.
let sanitizers = "-sanitize=fuzzer,address"

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (treatsWarningsAsErrors ? [.treatAllWarnings(as: .error)] : [])
    + (isFuzzing ? [.unsafeFlags([sanitizers, "-enable-testing"])] : [])

let cSettings: [CSetting] = treatsWarningsAsErrors ? [.treatAllWarnings(as: .error)] : []

let wslineDependencies: [Target.Dependency] = [
    "CPOSIX",
    "LineEditor",
    "MessageText",
    "TestScript",
    "WebSocketTransport",
    "WebSocketProtocol",
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "SystemPackage", package: "swift-system"),
]

let wslineTargets: [Target] =
    isFuzzing
    ? [
        .target(
            name: "wsline",
            dependencies: wslineDependencies,
            exclude: ["Main.swift"],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "fuzz",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzz/Driver",
            swiftSettings: swiftSettings,
            // Gold, the default linker, fails to link the sanitizers.
            linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]
        ),
    ]
    : [.executableTarget(name: "wsline", dependencies: wslineDependencies, swiftSettings: swiftSettings)]

let package = Package(
    name: "wsline",
    // Custom executors check their isolation (SerialExecutor.checkIsolated) on macOS 15 and later.
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "WebSocketProtocol", targets: ["WebSocketProtocol"]),
        .library(name: "WebSocketTransport", targets: ["WebSocketTransport"]),
    ] + (isFuzzing ? [] : [.executable(name: "wsline", targets: ["wsline"])]),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "CZlib", cSettings: cSettings),
        .target(
            name: "WebSocketProtocol",
            dependencies: ["CPOSIX", "CZlib", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "WebSocketTransport",
            dependencies: [
                "MessageText",
                "WebSocketProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSOCKS", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "MessageText", swiftSettings: swiftSettings),
        .target(
            name: "TestScript",
            dependencies: [
                "CPOSIX",
                "MessageText",
                "WebSocketTransport",
                "WebSocketProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "CEditLine", cSettings: cSettings),
        .target(name: "CPOSIX", cSettings: cSettings),
        .target(
            name: "LineEditor",
            dependencies: ["CEditLine", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "json-suite",
            dependencies: ["MessageText"],
            path: "Tests/JSON",
            exclude: ["run"],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "jsonpath-suite",
            dependencies: ["MessageText"],
            path: "Tests/JSONPath",
            exclude: ["run"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MessageTextTests",
            dependencies: ["MessageText", "ProcessSupport"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "WebSocketTransport",
                "WebSocketProtocol",
                "MessageText",
                "TestScript",
                "wsline",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Fuzz/Targets",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "ProcessSupport",
            dependencies: ["CPOSIX"],
            path: "Tests/ProcessSupport",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                "ProcessSupport",
                "WebSocketProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "WebSocketProtocolTests",
            dependencies: [
                "ProcessSupport", "WebSocketProtocol", .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["wsproto_peer.py"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "WebSocketTransportTests",
            dependencies: [
                "ProcessSupport",
                "TestSupport",
                "WebSocketTransport",
                "WebSocketProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "TerminalSupport",
            dependencies: ["ProcessSupport"],
            path: "Tests/TerminalSupport",
            exclude: ["screen.py"],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "lineeditor-playground",
            dependencies: ["LineEditor"],
            path: "Tests/LineEditorTests/Playground",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LineEditorTests",
            dependencies: ["CEditLine", "LineEditor", "ProcessSupport", "TerminalSupport", "lineeditor-playground"],
            exclude: ["Playground"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SessionTests",
            dependencies: [
                "LineEditor", "MessageText", "ProcessSupport", "TestScript", "WebSocketProtocol", "WebSocketTransport",
                "wsline",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TestScriptTests",
            dependencies: [
                "MessageText", "ProcessSupport", "TestScript", "TestSupport", "WebSocketTransport", "WebSocketProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets", "ProcessSupport", "wsline"],
            path: "Tests/Fuzz/Replay",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "CZlib", "MessageText", "ProcessSupport", "TerminalSupport", "TestScript", "TestSupport", "wsline",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings
        ),
    ] + wslineTargets
)

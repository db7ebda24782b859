// swift-tools-version: 6.3
import PackageDescription

// Read top to bottom: a target depends only on targets declared above it.
let package = Package(
    name: "backchannel",
    targets: [
        // C libraries, all from Debian. Each has exactly one Swift importer.
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CMongoC", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CEpoll"),  // Linux's epoll, which Swift's Glibc module leaves out
        .target(name: "CThreads"),  // what Linux's scheduler is told of a thread
        .target(  // simdjson's DOM behind a C interface
            name: "CSimdjson",
            cxxSettings: [.define("SIMDJSON_THREADS_ENABLED", to: "0")],
            linkerSettings: [.linkedLibrary("simdjson")]
        ),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),  // RE2 behind a C interface

        // What every part needs: limits with names and units, logs and metrics.
        .target(name: "Limits"),
        .target(name: "Telemetry"),
        .target(name: "Blocking", dependencies: ["CThreads"]),  // threads for calls that block
        .target(name: "Spelling"),  // "did you mean …?"
        .target(name: "Randomness"),  // repeatable, from a seed
        .target(name: "Files"),  // small files that people edit, read with bounds

        // Safe Swift over one C library each; no C type in an interface.
        .target(name: "JSON", dependencies: ["CSimdjson"]),
        .target(name: "YAML", dependencies: ["CYAML", "Limits"]),
        .target(name: "Crypto", dependencies: ["COpenSSL", "JSON", "Limits"]),
        .target(name: "Gzip", dependencies: ["CZlib"]),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .target(name: "MongoDB", dependencies: ["CMongoC", "Limits"]),
        .target(name: "HTTPServer", dependencies: ["Blocking", "CMicrohttpd", "Limits"]),
        .target(name: "HTTPClient", dependencies: ["Blocking", "CCurl", "Limits"]),

        // The domain: values and pure functions; no clock, no I/O.
        .target(name: "Chat", dependencies: ["Crypto", "JSON", "Limits"]),
        .target(name: "Analytics", dependencies: ["Chat", "Limits"]),
        .target(  // texts with places to fill in
            name: "Templates",
            dependencies: ["Chat", "JSON", "Limits", "Spelling", "YAML"]
        ),
        .target(  // what a team decides about messages: read, compiled, decided, explained
            name: "Rules",
            dependencies: [
                "CRE2", "Chat", "Crypto", "Files", "JSON", "Limits", "Randomness", "Spelling", "Templates", "YAML",
            ]
        ),
        .target(  // what people and the team's own services are told: composed, signed, sent
            name: "Notifications",
            dependencies: ["Chat", "Crypto", "Files", "HTTPClient", "JSON", "Limits", "Templates", "YAML"]
        ),
        .target(  // the provider's API: what is asked of it, and what its answers mean
            name: "Provider",
            dependencies: ["Blocking", "Chat", "Crypto", "HTTPClient", "JSON", "Limits", "Telemetry"]
        ),

        // The shell: receives, queues, stores, answers.
        .target(
            name: "WebhookIngest",
            dependencies: [
                "Blocking", "Chat", "Crypto", "Gzip", "HTTPServer", "JSON", "Limits", "SQLite", "Telemetry",
            ]
        ),
        .target(
            name: "History",
            dependencies: [
                "Analytics", "Blocking", "Chat", "Crypto", "JSON", "Limits", "MongoDB", "Rules", "Telemetry",
            ]
        ),
        .target(
            name: "Facts",
            dependencies: ["Blocking", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Telemetry"]
        ),
        .target(
            name: "Outbox",
            dependencies: ["Blocking", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Telemetry"]
        ),
        .target(  // the app's business objects as channels
            name: "ChannelSync",
            dependencies: ["Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Outbox", "Provider"]
        ),
        .target(  // what webhooks did not bring, read back from the provider
            name: "Backfill",
            dependencies: [
                "Blocking", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Provider", "Telemetry",
            ]
        ),
        .target(
            name: "Worker",
            dependencies: [
                "Analytics", "Blocking", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Outbox", "Rules",
                "Telemetry", "WebhookIngest",
            ]
        ),
        .target(  // what rules decide: made of batches, stored, carried out, explained, tried on history
            name: "Decisions",
            dependencies: [
                "Blocking", "Chat", "Crypto", "Facts", "History", "JSON", "Limits", "MongoDB", "Outbox", "Provider",
                "Rules", "Telemetry", "Templates",
            ]
        ),
        .target(  // the provider's synchronous hooks: asked, answered within a budget, written down afterwards
            name: "Hooks",
            dependencies: [
                "Blocking", "Chat", "Crypto", "Decisions", "HTTPServer", "History", "JSON", "Limits", "Rules",
                "Telemetry", "WebhookIngest",
            ]
        ),
        .target(  // the spam model of a node: learned from people's verdicts, kept in versions
            name: "Spam",
            dependencies: ["Blocking", "Chat", "History", "Limits", "MongoDB", "Rules", "Telemetry"]
        ),
        .target(  // what waits for moderators: listed, claimed, decided, with what follows
            name: "Moderation",
            dependencies: ["Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Outbox", "Provider", "Rules"]
        ),
        .target(  // effects that tell somebody something: composed when their turn comes, then handed to a channel
            name: "Delivery",
            dependencies: [
                "Blocking", "Chat", "Crypto", "Facts", "History", "JSON", "Limits", "MongoDB", "Notifications",
                "Outbox", "Templates",
            ]
        ),
        .target(  // users of the app and of the provider: which side knows what, and what the other is told
            name: "UserSync",
            dependencies: [
                "Blocking", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Notifications", "Outbox",
                "Provider",
            ]
        ),
        .target(  // stored events and figures as they happen: the log followed once, told to many
            name: "Live",
            dependencies: ["Blocking", "Chat", "HTTPServer", "History", "JSON", "Limits", "MongoDB", "Telemetry"]
        ),
        .target(
            name: "API",
            dependencies: [
                "Analytics", "Blocking", "ChannelSync", "Chat", "Crypto", "Decisions", "Delivery", "Facts", "Files",
                "Gzip", "HTTPServer",
                "History", "Hooks", "JSON", "Limits", "Live", "Moderation", "MongoDB", "Outbox", "Provider", "Rules",
                "Spam",
                "Spelling",
                "Telemetry",
                "UserSync", "WebhookIngest",
                "Worker",
            ]
        ),
        .executableTarget(
            name: "backchannel",
            dependencies: [
                "API", "Analytics", "Backfill", "Blocking", "CEpoll", "ChannelSync", "Chat", "Crypto", "Decisions",
                "Delivery",
                "Facts", "Files", "Gzip", "HTTPClient", "HTTPServer", "History", "Hooks", "JSON", "Limits", "Live",
                "Moderation", "MongoDB",
                "Notifications", "Outbox", "Provider", "Randomness", "Rules", "Spam", "Spelling", "Telemetry",
                "Templates", "UserSync", "WebhookIngest",
                "Worker",
                "YAML",
            ]
        ),
        .executableTarget(  // plays the provider for tests and demos; nothing of the product depends on it
            name: "local-provider",
            dependencies: ["Blocking", "Chat", "Crypto", "HTTPClient", "HTTPServer", "JSON", "Limits", "SQLite"],
            path: "Sources/LocalProvider"
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Chat", "Crypto", "HTTPClient", "HTTPServer", "JSON", "Limits", "MongoDB", "Randomness"],
            path: "Tests/TestSupport",
            exclude: ["mail_peer.py"]
        ),
        .testTarget(name: "BlockingTests", dependencies: ["Blocking", "TestSupport"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "Randomness"]),
        .testTarget(name: "YAMLTests", dependencies: ["Limits", "TestSupport", "YAML"]),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Analytics", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Outbox", "Telemetry",
                "TestSupport", "WebhookIngest", "Worker",
            ]
        ),
        .testTarget(name: "CryptoTests", dependencies: ["Crypto", "Gzip", "JSON", "Limits", "TestSupport"]),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "TestSupport"]),
        .testTarget(name: "MongoDBTests", dependencies: ["CMongoC", "Limits", "MongoDB", "TestSupport"]),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["Blocking", "HTTPServer", "Limits", "Randomness", "TestSupport"]
        ),
        .testTarget(
            name: "ChatTests",
            dependencies: ["Chat", "Crypto", "JSON", "Limits", "Randomness", "TestSupport"]
        ),
        .testTarget(
            name: "RulesTests",
            dependencies: [
                "Chat", "Crypto", "JSON", "Limits", "Randomness", "Rules", "Templates", "TestSupport", "YAML",
            ]
        ),
        .testTarget(
            name: "NotificationsTests",
            dependencies: [
                "Chat", "Crypto", "HTTPClient", "HTTPServer", "JSON", "Limits", "Notifications", "Templates",
                "TestSupport",
            ],
            exclude: ["verify_webhook.py"]
        ),
        .testTarget(
            name: "ProviderTests",
            dependencies: [
                "Blocking", "Chat", "Crypto", "HTTPClient", "HTTPServer", "JSON", "Limits", "Provider", "Telemetry",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "LocalProviderTests",
            dependencies: [
                "Blocking", "Chat", "Crypto", "HTTPClient", "HTTPServer", "JSON", "Limits", "Provider", "TestSupport",
                "local-provider",
            ],
            exclude: ["sdk_driver.py"]
        ),
        .testTarget(
            name: "WebhookIngestTests",
            dependencies: [
                "Blocking", "Chat", "Crypto", "Gzip", "HTTPServer", "JSON", "Limits", "Randomness", "SQLite",
                "Telemetry",
                "TestSupport", "WebhookIngest",
            ]
        ),
        .testTarget(
            name: "HistoryTests",
            dependencies: [
                "Analytics", "Backfill", "Chat", "Crypto", "History", "JSON", "Limits", "MongoDB", "Telemetry",
                "TestSupport", "WebhookIngest", "Worker", "local-provider",
            ]
        ),
        .testTarget(
            name: "FactsTests",
            dependencies: [
                "Analytics", "Chat", "Crypto", "Facts", "History", "JSON", "Limits", "MongoDB", "Telemetry",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "OutboxTests",
            dependencies: [
                "Analytics", "Blocking", "Chat", "History", "Limits", "MongoDB", "Outbox", "Telemetry", "TestSupport",
            ]
        ),
        .testTarget(
            name: "DecisionsTests",
            dependencies: [
                "Analytics", "Blocking", "Chat", "Crypto", "Decisions", "Facts", "History", "JSON", "Limits", "MongoDB",
                "Outbox", "Provider", "Rules", "Telemetry", "TestSupport", "local-provider",
            ]
        ),
        .testTarget(
            name: "SpamTests",
            dependencies: [
                "Analytics", "Chat", "History", "Limits", "MongoDB", "Rules", "Spam", "Telemetry", "TestSupport",
            ]
        ),
        .testTarget(
            name: "ChannelSyncTests",
            dependencies: [
                "Analytics", "ChannelSync", "Chat", "History", "JSON", "Limits", "MongoDB", "Outbox", "Provider",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Analytics", "Blocking", "Chat", "Crypto", "Delivery", "Facts", "History", "JSON", "Limits", "MongoDB",
                "Notifications", "Outbox", "Telemetry", "TestSupport", "Worker",
            ]
        ),
        .testTarget(
            name: "APITests",
            dependencies: [
                "API", "Analytics", "ChannelSync", "Chat", "Crypto", "Decisions", "Facts", "Gzip", "HTTPClient",
                "HTTPServer", "History", "Hooks", "JSON", "Limits", "Live", "Moderation", "MongoDB", "Outbox",
                "Provider", "Rules",
                "Spam", "Telemetry", "TestSupport", "UserSync", "WebhookIngest",
            ]
        ),
        .testTarget(
            name: "UserSyncTests",
            dependencies: ["Chat", "JSON", "Limits", "Outbox", "Provider", "TestSupport", "UserSync"]
        ),
        .testTarget(
            name: "BackchannelTests",
            dependencies: [
                "API", "Analytics", "Backfill", "Blocking", "ChannelSync", "Chat", "Crypto", "Facts", "Gzip",
                "HTTPClient", "HTTPServer", "History", "JSON", "Limits", "MongoDB", "Outbox", "Provider", "Rules",
                "Spelling",
                "Telemetry", "TestSupport", "UserSync", "WebhookIngest", "Worker", "YAML", "backchannel",
                "local-provider",
            ],
            exclude: ["browser.py", "dashboard_driver.py", "spam_metrics.py"]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

let targetsInC = ["CEpoll", "CRE2", "CSimdjson", "CThreads"]
for target in package.targets where target.type != .system && !targetsInC.contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335: `any` is visible
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: a leaked dependency does not compile
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444: every module used is imported
        .treatAllWarnings(as: .error),  // SE-0480
    ]
}

// Its inner loops run for every rule and message: checking at run time that no two accesses to a variable overlap costs them
// a seventh. Debug builds, and so the tests, check it.
for target in package.targets where target.name == "Rules" {
    target.swiftSettings?.append(.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)))
}

// What the tests run through all the time. Optimised in debug builds too, it makes the whole run three fifths as long.
let optimised = ["Chat", "History", "JSON", "MongoDB", "Rules", "Spelling", "YAML"]
for target in package.targets where optimised.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
}

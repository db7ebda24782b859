import Foundation
import TestSupport

/// A folder of rules for a service.
protocol RuleFolder {
    var path: String { get }
    var hasRules: Bool { get }
}

/// Some of the rule sets that ship, with their lists and templates.
struct ShippedRules: RuleFolder {
    private let folder: TemporaryFolder
    let hasRules: Bool

    var path: String { folder.path }

    init(_ names: [String]) throws {
        folder = try TemporaryFolder()
        hasRules = !names.isEmpty
        let (files, shipped) = (FileManager.default, repositoryRoot.appending(path: "rules"))
        for part in ["lists", "templates"] {
            try files.copyItem(atPath: shipped.appending(path: part).path, toPath: folder.path(part))
        }
        for name in names {
            let file = "\(name).yaml"
            try files.copyItem(atPath: shipped.appending(path: file).path, toPath: folder.path(file))
        }
        if names.isEmpty {
            try "rules: []\n".write(toFile: folder.path("none.yaml"), atomically: true, encoding: .utf8)
        }
    }
}

struct WrittenHookRules: RuleFolder {
    private let folder: TemporaryFolder
    let hasRules = true

    var path: String { folder.path }

    init(_ rules: String, templates: [String: String]) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("templates"), withIntermediateDirectories: true)
        for (name, text) in templates {
            try text.write(toFile: folder.path("templates/\(name).txt"), atomically: true, encoding: .utf8)
        }
        try rules.write(toFile: folder.path("rules.yaml"), atomically: true, encoding: .utf8)
    }
}

func withHooks(
    _ rules: some RuleFolder,
    settings: [String: String] = [:],
    mongoURI: String? = nil,
    _ body: (ServiceUnderTest) async throws -> Void
) async throws {
    // A busy machine is not what is tried here.
    var own = ["HOOK_BUDGET_MS": "5000"].merging(settings) { $1 }
    if rules.hasRules { own["RULES_DIR"] = rules.path }
    let service = try ServiceUnderTest(mongoURI: mongoURI ?? sharedMongoURI(), settings: own)
    try await service.start()
    try await service.reports(mongoDB: "up")
    let result: Result<Void, any Error>
    do { result = .success(try await body(service)) } catch { result = .failure(error) }
    await service.stop()
    if mongoURI == nil { try await service.dropDatabase() }
    try result.get()
}

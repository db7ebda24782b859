package import Foundation

/// The repository's `Fixtures` folder.
package let fixturesRoot = repositoryRoot.appending(path: "Fixtures")

/// Where `Package.swift` is.
package let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

/// Decodes each JSON file of a folder of `Fixtures`, and throws if there is none: an empty table would pass in silence.
package func fixtures<Value: Decodable>(_: Value.Type, in folder: String) throws -> [Value] {
    try contents(of: folder).filter { $0.pathExtension == "json" }.orThrow("no fixtures in \(folder)").map { file in
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
        } catch {
            throw TestFailure("\(file.path): \(error)")
        }
    }
}

/// One delivery: a folder with `body.json`, and `headers.json` and `expected.json` where the test needs them.
package struct FixtureCase: Sendable, CustomStringConvertible {
    /// The folder's path below `Fixtures`.
    package let name: String
    /// What the signature covers.
    package let body: [UInt8]
    /// What is sent: `body.gz` where there is one.
    package let wire: [UInt8]
    package let headers: [String: String]
    private let expectation: Data?

    package var description: String { name }

    fileprivate init(_ folder: URL) throws {
        name = String(folder.path.dropFirst(fixturesRoot.path.count + 1))
        body = try Array(Data(contentsOf: folder.appending(path: "body.json")))
        wire = (try? Array(Data(contentsOf: folder.appending(path: "body.gz")))) ?? body
        let headerFile = folder.appending(path: "headers.json")
        headers =
            FileManager.default.fileExists(atPath: headerFile.path)
            ? try JSONDecoder().decode([String: String].self, from: Data(contentsOf: headerFile)) : [:]
        expectation = try? Data(contentsOf: folder.appending(path: "expected.json"))
    }

    /// Decodes `expected.json`.
    package func expected<Value: Decodable>(_: Value.Type) throws -> Value {
        guard let expectation else { throw TestFailure("\(name) has no expected.json") }
        do {
            return try JSONDecoder().decode(Value.self, from: expectation)
        } catch {
            throw TestFailure("\(name)/expected.json: \(error)")
        }
    }
}

/// The cases of a folder of `Fixtures`, one folder each, in order of their names.
package func fixtureCases(in folder: String) throws -> [FixtureCase] {
    try contents(of: folder)
        .filter { FileManager.default.fileExists(atPath: $0.appending(path: "body.json").path) }
        .orThrow("no fixtures in \(folder)").map { try FixtureCase($0) }
}

private func contents(of folder: String) throws -> [URL] {
    let folder = fixturesRoot.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .map(\.standardized).sorted { $0.path < $1.path }
}

extension Array {
    fileprivate func orThrow(_ reason: String) throws -> Self {
        guard !isEmpty else { throw TestFailure(reason) }
        return self
    }
}

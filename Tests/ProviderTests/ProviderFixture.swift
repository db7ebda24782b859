import Chat
import Foundation
import JSON
import TestSupport
import Testing

/// A file of `Fixtures/provider`, kept as bytes: the order of fields matters.
struct ProviderFixture: CustomTestStringConvertible {
    let name: String
    private let bytes: [UInt8]

    var testDescription: String { name }

    /// The moment at which the fixtures' calls are sent: 2026-05-08T10:11:12Z.
    static let now = Timestamp(nanoseconds: 1_778_235_072_000_000_000)

    func json() throws -> JSONValue { try JSONParser().parse(bytes) }

    /// Throws if there is none: an empty table would pass in silence.
    static func all(in folder: String) throws -> [ProviderFixture] {
        let root = fixturesRoot.appending(path: "provider/\(folder)")
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
        try #require(!names.isEmpty, "no fixtures in \(root.path)")
        return try names.map { name in
            ProviderFixture(name: name, bytes: [UInt8](try Data(contentsOf: root.appending(path: name))))
        }
    }

    static func one(_ path: String) throws -> ProviderFixture {
        let file = fixturesRoot.appending(path: "provider/\(path)")
        return ProviderFixture(name: path, bytes: [UInt8](try Data(contentsOf: file)))
    }
}

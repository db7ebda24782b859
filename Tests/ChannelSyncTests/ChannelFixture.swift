import ChannelSync
import Chat
import Foundation
import JSON
import TestSupport

/// One file of a folder below `Fixtures/channels`.
struct ChannelFixture: Sendable, CustomStringConvertible {
    let description: String
    private let bytes: [UInt8]

    static func all(_ folder: String) throws -> [ChannelFixture] {
        let root = fixturesRoot.appending(path: "channels/\(folder)")
        let files = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        guard !files.isEmpty else { throw TestFailure("no fixtures in \(root.path)") }
        return try files.sorted { $0.path < $1.path }.map { file in
            ChannelFixture(
                description: file.deletingPathExtension().lastPathComponent,
                bytes: try Array(Data(contentsOf: file))
            )
        }
    }

    var json: JSONValue { get throws { try JSONParser().parse(bytes) } }
}

extension JSONValue {
    var strings: [String] { array.compactMap(\.string) }

    /// Each field's value as JSON text.
    var texts: [String: String] {
        Dictionary(object.map { ($0.key, $0.value.serialized()) }) { first, _ in first }
    }

    var content: ChannelContent {
        ChannelContent(fields: self["fields"]?.texts ?? [:], members: self["members"]?.strings ?? [])
    }
}

import Chat
import Foundation
import JSON
import Testing

/// A folder of `Fixtures/webhooks`.
struct DecodingFixture: CustomTestStringConvertible {
    let name: String
    let body: [UInt8]
    /// `expected.json`; not `Sendable`, so it is parsed anew by whoever asks.
    private let expectedBytes: [UInt8]

    var testDescription: String { name }

    func expected() throws -> JSONValue { try JSONParser().parse(expectedBytes) }

    static let id = EventID(bytes: Array(0..<32))
    /// Also the `created_at` of the fixtures.
    static let receivedAt = Timestamp(nanoseconds: 1_778_235_072_345_678_901)

    func decode(with parser: JSONParser = JSONParser()) throws(DecodingFailure) -> ChatEvent {
        try StreamProvider().decode(body, id: Self.id, receivedAt: Self.receivedAt, parser: parser)
    }

    /// Every case that is accepted, which is all that are not under `_invalid`.
    static func valid() throws -> [DecodingFixture] { try folders(in: "").filter { !$0.name.hasPrefix("_") } }

    /// Those under `_invalid` that are signed all the same, and so kept as dead letters.
    static func deadLetters() throws -> [DecodingFixture] {
        try folders(in: "_invalid").filter { try $0.expected()["deadLetter"] != nil }
    }

    /// Throws if there is none: an empty table would pass in silence.
    private static func folders(in folder: String, file: String = #filePath) throws -> [DecodingFixture] {
        let root = URL(filePath: file).deletingLastPathComponent()
            .appending(path: "../../Fixtures/webhooks/\(folder)").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
        let fixtures = try names.compactMap { name -> DecodingFixture? in
            let expected = root.appending(path: "\(name)/expected.json")
            guard FileManager.default.fileExists(atPath: expected.path) else { return nil }
            return DecodingFixture(
                name: name,
                body: [UInt8](try Data(contentsOf: root.appending(path: "\(name)/body.json"))),
                expectedBytes: [UInt8](try Data(contentsOf: expected))
            )
        }
        try #require(!fixtures.isEmpty, "no fixtures in \(root.path)")
        return fixtures
    }
}

/// Reads a decoded value by a dotted path such as `message.sender.id`, in the terms of `expected.json`.
enum DecodedPath {
    /// The values as text, so that what differs can be read: a time in RFC 3339, `nil` as `null`, lists in brackets.
    static func text(at path: String, of event: ChatEvent) -> String {
        var value: Any? = event
        for component in path.split(separator: ".").map(String.init) { value = child(component, of: value) }
        return text(value)
    }

    private static func child(_ name: String, of value: Any?) -> Any? {
        guard let value = unwrapped(value) else { return nil }
        switch (value, name) {
        case (let channel as Channel, "id"): return channel.id
        case (let channel as Channel, "type"): return channel.type
        case (let event as ChatEvent, "time"): return event.time
        case (let list as [Any], _): return Int(name).flatMap { list.indices.contains($0) ? list[$0] : nil }
        default:
            let children = Mirror(reflecting: value).children
            guard let child = children.first(where: { $0.label == name }) else {
                Issue.record("no field \(name) in \(type(of: value))")
                return nil
            }
            return child.value
        }
    }

    private static func unwrapped(_ value: Any?) -> Any? {
        guard let value else { return nil }
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first.flatMap { unwrapped($0.value) }
    }

    private static func text(_ value: Any?) -> String {
        switch unwrapped(value) {
        case nil: "null"
        case let time as Timestamp: time.rfc3339
        case let context as BusinessContext:
            BusinessContext.Kind.allCases.compactMap { kind in context[kind].map { "\(kind)=\($0)" } }.sorted()
                .joined(separator: ",")
        case let list as [Any]: "[\(list.map { text($0) }.joined(separator: ","))]"
        case let value?: "\(value)"
        }
    }

    /// What `expected.json` says, written the same way.
    static func text(expected value: JSONValue) -> String {
        switch value.kind {
        case .array: "[\(value.array.map(text).joined(separator: ","))]"
        case .object: value.object.map { "\($0.key)=\($0.value.string ?? "")" }.sorted().joined(separator: ",")
        case .string: value.string ?? ""
        default: value.serialized()
        }
    }
}

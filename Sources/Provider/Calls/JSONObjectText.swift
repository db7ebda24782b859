package import JSON

/// A JSON object as compact text: data of the team's own, which the service passes on without knowing its fields.
///
/// Always parsed once, so it can be put into other JSON as it is.
package struct JSONObjectText: Sendable, Equatable {
    package let text: String

    package static let empty = JSONObjectText(trusted: "{}")

    /// `nil` for anything but an object; white space is dropped.
    package init?(_ text: String, parser: JSONParser = JSONParser()) {
        guard let value = try? parser.parse(Array(text.utf8)) else { return nil }
        self.init(value)
    }

    /// `nil` for anything but an object.
    package init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        text = value.serialized()
    }

    /// An object of the fields that `fields` writes.
    package init(fields: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 128)
        writer.object(fields)
        text = writer.text
    }

    private init(trusted text: String) { self.text = text }

    package var isEmpty: Bool { text == "{}" }

    /// The fields in order, each value as JSON text.
    package var fields: [(name: String, json: String)] {
        guard let value = try? JSONParser().parse(Array(text.utf8)) else { return [] }
        return value.object.map { ($0.key, $0.value.serialized()) }
    }
}

package import Chat
import JSON
package import Provider

/// A profile as the fields that two sides can differ in: each value as JSON text in one spelling.
///
/// Custom data stands beside `name`, `image`, `role`, `language` and `teams`, as at the provider.
package struct ProfileFields: Sendable, Equatable {
    private var values: [String: String] = [:]

    package init() {}

    /// An object as ``json`` gave it; a damaged one has no fields.
    package init(stored json: String) {
        guard let value = try? JSONParser().parse(Array(json.utf8)) else { return }
        for (name, field) in value.object { self[name] = field.canonicalText }
    }

    /// JSON text of a field; `null` and an empty text are as if it were not there.
    package subscript(_ name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue.flatMap { ["null", "\"\"", "[]"].contains($0) ? nil : $0 } }
    }

    package var names: [String] { values.keys.sorted() }
    package var isEmpty: Bool { values.isEmpty }

    /// What is in two profiles the same, or means the same: without a role a user has the provider's first.
    package func agrees(with other: ProfileFields, in name: String) -> Bool {
        let standard = name == "role" ? "\"user\"" : nil
        return (self[name] ?? standard) == (other[name] ?? standard)
    }

    /// Names of the fields that differ.
    package func differences(from other: ProfileFields) -> [String] {
        Set(values.keys).union(other.values.keys).filter { !agrees(with: other, in: $0) }.sorted()
    }

    /// Compact, in the order of names.
    package var json: String {
        var writer = JSONWriter()
        writer.object { for name in names { $0.field(name, raw: self[name]) } }
        return writer.text
    }

    /// The size of what is not the provider's own, in bytes of JSON.
    var customBytes: Int { custom.text.utf8.count }

    /// As the provider is told.
    package func profile(of id: String) -> Provider.UserProfile {
        var profile = Provider.UserProfile(id: id)
        (profile.name, profile.image, profile.role) = (text("name"), text("image"), text("role"))
        profile.language = text("language")
        profile.teams = value("teams")?.array.compactMap(\.string) ?? []
        profile.custom = custom
        return profile
    }

    /// Some fields as the provider is told, which leaves the others as they are; what is not here goes.
    func change(of id: String, in names: some Sequence<String>) -> UserChange {
        let names = Set(names).sorted()
        let set = JSONObjectText { writer in
            for name in names {
                if let value = self[name] ?? Self.nothing[name] { writer.field(name, raw: value) }
            }
        }
        return UserChange(id: id, set: set, unset: names.filter { self[$0] == nil && Self.nothing[$0] == nil })
    }

    /// Tells the provider of all of them.
    package func update(of id: String) -> ProviderCall { .updateUsersPartially([change(of: id, in: names)]) }

    /// What stands for nothing where every user has something.
    private static let nothing = ["role": "\"user\"", "teams": "[]"]

    /// With the values that `other` has of some fields.
    func replacing(_ names: [String], from other: ProfileFields) -> ProfileFields {
        var fields = self
        for name in names { fields[name] = other[name] }
        return fields
    }

    /// The text of a field that holds one.
    package func text(_ name: String) -> String? { value(name)?.string }

    private func value(_ name: String) -> JSONValue? {
        self[name].flatMap { try? JSONParser().parse(Array($0.utf8)) }
    }

    private var custom: JSONObjectText {
        JSONObjectText { writer in
            for name in names where !Self.own.contains(name) { writer.field(name, raw: self[name]) }
        }
    }

    static let own: Set<String> = ["name", "image", "role", "language", "teams"]
}

extension ProfileFields {
    /// A profile as events or the provider's API gave it.
    package init(_ profile: Chat.UserProfile) {
        self.init(stored: profile.custom ?? "{}")
        for (name, text) in [
            ("name", profile.name), ("image", profile.image), ("role", profile.role), ("language", profile.language),
        ] {
            self[name] = text.map(Self.quoted)
        }
        self["teams"] = Self.list(profile.teams)
    }

    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    static func list(_ texts: [String]) -> String {
        var writer = JSONWriter()
        writer.array { for text in texts.sorted() { $0.string(text) } }
        return writer.text
    }
}

extension JSONValue {
    /// The same text for the same value: names in order, whole numbers without a fraction.
    var canonicalText: String {
        var writer = JSONWriter()
        writeCanonical(to: &writer)
        return writer.text
    }

    private func writeCanonical(to writer: inout JSONWriter) {
        switch kind {
        case .object:
            var fields: [String: JSONValue] = [:]
            for (name, value) in object { fields[name] = value }
            writer.object { writer in
                for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                    writer.field(name) { value.writeCanonical(to: &$0) }
                }
            }
        case .array: writer.array { for value in array { value.writeCanonical(to: &$0) } }
        case .string: writer.string(string ?? "")
        case .double:
            if let number = double, let whole = Int64(exactly: number) {
                writer.int(whole)
            } else {
                writer.raw(serialized())
            }
        case .integer, .bool, .null: writer.raw(serialized())
        }
    }
}

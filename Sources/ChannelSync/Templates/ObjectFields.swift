import JSON
import Limits

/// An object's fields as templates ask for them: an id may be text or a whole number, null is the same as nothing.
struct ObjectFields {
    let json: JSONValue
    /// The path's; `nil` for an object that may name itself.
    let id: String?
    let limits: Limits.Channels

    /// - Throws: ``ChannelObjectFault`` for what is not an object, or of another id than the path's.
    init(_ json: JSONValue, id: String? = nil, limits: Limits.Channels) throws(ChannelObjectFault) {
        guard json.kind == .object else { throw ChannelObjectFault(nil, "a JSON object") }
        (self.json, self.id, self.limits) = (json, id, limits)
        var names: Set<String> = []
        for (name, _) in json.object where !names.insert(name).inserted {
            throw ChannelObjectFault(name, "given once")
        }
        guard let id, let own = present(ChannelIDPattern.idField) else { return }
        guard Self.identifier(own) == id else {
            throw ChannelObjectFault(ChannelIDPattern.idField, "the id of the path, or left out")
        }
    }

    /// The first of the fields that the object has.
    func text(_ names: [String], bytes: Int) throws(ChannelObjectFault) -> String? {
        guard let name = names.first(where: { present($0) != nil }), let value = present(name) else { return nil }
        guard let text = value.string, text.utf8.count <= bytes else {
            throw ChannelObjectFault(name, "text of at most \(bytes) bytes")
        }
        return text
    }

    /// The first of the fields that the object has, as an id; `id` is the path's.
    func identifier(_ names: [String]) throws(ChannelObjectFault) -> String? {
        if let id, names == [ChannelIDPattern.idField] { return id }
        guard let name = names.first(where: { present($0) != nil }), let value = present(name) else { return nil }
        return try identifier(value, in: name)
    }

    /// Every user that one of the fields names, sorted.
    func users(_ names: [String]) throws(ChannelObjectFault) -> [String] {
        var users: Set<String> = []
        for name in names {
            guard let value = present(name) else { continue }
            guard value.kind == .array else {
                users.insert(try identifier(value, in: name))
                continue
            }
            for element in value.array { users.insert(try identifier(element, in: name)) }
            guard users.count <= limits.members else {
                throw ChannelObjectFault(name, "at most \(limits.members) users")
            }
        }
        return users.sorted()
    }

    /// False unless given.
    func flag(_ name: String) throws(ChannelObjectFault) -> Bool {
        guard let value = present(name) else { return false }
        guard let flag = value.bool else { throw ChannelObjectFault(name, "true or false") }
        return flag
    }

    func present(_ name: String) -> JSONValue? { json[name].flatMap { $0.isNull ? nil : $0 } }

    /// A user may come as the provider has them in lists of members: as an object.
    private func identifier(_ value: JSONValue, in field: String) throws(ChannelObjectFault) -> String {
        let id = Self.identifier(value) ?? Self.identifier(value["user_id"]) ?? Self.identifier(value["id"])
        guard let id, isIdentifier(id) else {
            let allowed = "an id, 1 to \(limits.identifierBytes) bytes without control characters"
            throw ChannelObjectFault(field, value.kind == .array ? "a user or a list of users" : allowed)
        }
        return id
    }

    private func isIdentifier(_ id: String) -> Bool {
        1...limits.identifierBytes ~= id.utf8.count && !id.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    private static func identifier(_ value: JSONValue?) -> String? { value?.string ?? value?.int64.map { "\($0)" } }
}

package import Chat
package import JSON
package import Limits

/// A user as the app tells of one: what is meant for the provider, and no more of it is kept.
package struct AppUser: Sendable, Equatable {
    package let id: String
    package var fields = ProfileFields()
    /// `nil`: nothing was said about it.
    package var isActive: Bool?
    /// When the app changed it; `nil`: when it arrived.
    package var changedAt: Timestamp?
    /// Fields that are not mapped to anything.
    package var ignored: [String] = []

    package init(id: String) { self.id = id }

    /// Reads `{"user_id", "display_name", "full_name", "avatar_url", "role", "is_verified", "custom": {…}, …}`.
    ///
    /// - Parameter id: what the request's path says, where it does.
    /// - Throws: ``AppUserFault`` naming the first field that cannot be taken.
    package init(
        _ json: JSONValue,
        id known: String? = nil,
        _ mapping: UserMapping,
        _ limits: Limits.UserSync
    ) throws(AppUserFault) {
        guard json.kind == .object else { throw AppUserFault("a user must be a JSON object") }
        let size = json.serialized().utf8.count
        guard size <= limits.recordBytes else {
            throw AppUserFault("a user may have at most \(limits.recordBytes) bytes of JSON; this one has \(size)")
        }
        let source = AppFields(json)
        try self.init(id: source.id(known, limits))
        fields["name"] = try source.first(of: mapping.nameFields).map(ProfileFields.quoted)
        fields["image"] = try source.first(of: mapping.imageFields).map(ProfileFields.quoted)
        fields["role"] = try source.text("role").flatMap(mapping.role).map(ProfileFields.quoted)
        fields["language"] = try source.text("language").map(ProfileFields.quoted)
        fields["teams"] = try source.texts("teams").map(ProfileFields.list)
        for custom in mapping.customFields { try set(custom.name, source.take(custom.source)) }
        try addCustom(source)
        isActive = try source.flag("active")
        changedAt = try source.time("updated_at")
        ignored = source.untouched
        guard fields.customBytes <= limits.customBytes else {
            throw .custom(bytes: fields.customBytes, most: limits.customBytes)
        }
    }

    /// An id that the provider takes.
    package static func checkedID(
        _ id: String?,
        field: String,
        _ limits: Limits.UserSync
    ) throws(AppUserFault) -> String {
        guard let id, 1...limits.identifierBytes ~= id.utf8.count else {
            throw AppUserFault("must be text of 1 to \(limits.identifierBytes) bytes", field: field)
        }
        return id
    }

    private mutating func addCustom(_ source: AppFields) throws(AppUserFault) {
        guard let custom = source.take("custom"), !custom.isNull else { return }
        guard custom.kind == .object else { throw AppUserFault("must be a JSON object", field: "custom") }
        for (name, value) in custom.object { try set(name, value) }
    }

    private mutating func set(_ name: String, _ value: JSONValue?) throws(AppUserFault) {
        guard let value else { return }
        guard !name.isEmpty, !ProfileFields.own.contains(name), !StreamProvider.defines(name, of: .user) else {
            throw AppUserFault("holds a name that is the provider's own; choose another", field: "custom")
        }
        guard !name.contains(".") else {
            throw AppUserFault("holds a name with a dot, which the provider takes for a path", field: "custom")
        }
        fields[name] = value.canonicalText
    }
}

/// Why a user is not taken; holds nothing of the user but a field's name.
package struct AppUserFault: Error, Sendable, Equatable {
    package enum Kind: Sendable { case invalid, gone }

    package let kind: Kind
    /// Of the app's object.
    package let field: String?
    package let reason: String

    init(_ reason: String, field: String? = nil, kind: Kind = .invalid) {
        (self.reason, self.field, self.kind) = (reason, field, kind)
    }

    static func custom(bytes: Int, most: Int) -> AppUserFault {
        AppUserFault("custom data has \(bytes) bytes of JSON; the provider takes \(most)", field: "custom")
    }
    static let erased = AppUserFault("the user was erased for ever; use another id", kind: .gone)
    static let deleted = AppUserFault(
        "the user was deleted, which the provider does not undo; use another id",
        kind: .gone
    )
}

/// The app's object while it is read; notes which fields were asked for.
private final class AppFields {
    private let json: JSONValue
    private var asked: Set<String> = []

    init(_ json: JSONValue) { self.json = json }

    var untouched: [String] {
        var names: [String] = []
        for (name, _) in json.object where !asked.contains(name) && !names.contains(name) { names.append(name) }
        return names
    }

    func take(_ name: String) -> JSONValue? {
        asked.insert(name)
        return json[name]
    }

    func id(_ known: String?, _ limits: Limits.UserSync) throws(AppUserFault) -> String {
        let field = json["user_id"] == nil ? "id" : "user_id"
        asked.formUnion(["user_id", "id"])
        guard let value = json[field] else {
            guard let known else { throw AppUserFault("is missing", field: "user_id") }
            return try AppUser.checkedID(known, field: "user_id", limits)
        }
        // A number is taken as the text that it is everywhere else.
        let id = try AppUser.checkedID(value.string ?? value.int64.map(String.init), field: field, limits)
        guard known == nil || known == id else { throw AppUserFault("differs from the path's id", field: field) }
        return id
    }

    func text(_ name: String) throws(AppUserFault) -> String? {
        guard let value = take(name), !value.isNull else { return nil }
        guard let text = value.string else { throw AppUserFault("must be text or null", field: name) }
        return text.isEmpty ? nil : text
    }

    func first(of names: [String]) throws(AppUserFault) -> String? {
        var found: String?
        for name in names {
            let text = try text(name)
            found = found ?? text
        }
        return found
    }

    func texts(_ name: String) throws(AppUserFault) -> [String]? {
        guard let value = take(name), !value.isNull else { return nil }
        let texts = value.array.compactMap(\.string)
        guard value.kind == .array, texts.count == Array(value.array).count else {
            throw AppUserFault("must be a list of texts or null", field: name)
        }
        return texts
    }

    func flag(_ name: String) throws(AppUserFault) -> Bool? {
        guard let value = take(name), !value.isNull else { return nil }
        guard let flag = value.bool else { throw AppUserFault("must be true, false or null", field: name) }
        return flag
    }

    func time(_ name: String) throws(AppUserFault) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw AppUserFault("must be a time with its zone, such as 2026-05-20T12:00:00.123Z", field: name)
        }
        return time
    }
}

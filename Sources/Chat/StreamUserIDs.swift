import JSON
import Limits

/// Finds the ids of users anywhere in an event, by the names of the fields that hold them.
///
/// What is found too much does no harm, since nobody is asked about it; what is missed would survive an erasure.
struct StreamUserIDs {
    /// What a field's name says about its value, also about each element of an array.
    private enum Role {
        case other
        /// `user_id`, `created_by_id`, …: a string is a user's id.
        case id
        /// `user`, `target_users`, …: an object is a user.
        case user
        /// `deleted_by`, `thread_participants`, …: an object is a user, a string a user's id.
        case either
    }

    private var ids: Set<String> = []
    private let limit: Int
    private let bytesMost: Int

    /// Sorted; at most `Limits.Worker.userIDsPerEvent`, the first in the text's order, and then a fault.
    static func collected(from event: StreamFields) -> [String] {
        let limits = event.context.limits
        var found = StreamUserIDs(limit: limits.userIDsPerEvent, bytesMost: limits.identifierBytes)
        found.collect(from: event.value, as: .other)
        if found.ids.count > found.limit { event.fault("user_id") }
        return found.ids.prefix(found.limit).sorted()
    }

    private init(limit: Int, bytesMost: Int) { (self.limit, self.bytesMost) = (limit, bytesMost) }

    /// An entity of the review queue that is a user: `stream:user`, `stream:v1:user_profile`.
    static func isUser(entityType: String) -> Bool {
        entityType.hasSuffix("user") || entityType.hasSuffix("user_profile")
    }

    /// Recursion ends where the parser's limit of depth does.
    private mutating func collect(from value: JSONValue, as role: Role) {
        guard ids.count <= limit else { return }
        switch value.kind {
        case .object: collect(fromObject: value, isUser: role == .user || role == .either)
        case .array: for element in value.array { collect(from: element, as: role) }
        case .string: if role == .id || role == .either { insert(value) }
        default: break
        }
    }

    private mutating func collect(fromObject object: JSONValue, isUser: Bool) {
        object.forEachField { name, value in
            let role = isUser && name.count == 2 && name.hasSuffix("id") ? .id : Self.role(of: name, in: object)
            collect(from: value, as: role)
        }
    }

    private mutating func insert(_ value: JSONValue) {
        guard let id = value.string, !id.isEmpty, id.utf8.count <= bytesMost else { return }
        ids.insert(id)
    }

    private static func role(of name: Span<UInt8>, in object: JSONValue) -> Role {
        guard let last = name.indices.last.map({ name[$0] }) else { return .other }
        switch last {
        case UInt8(ascii: "d"):
            if name.hasSuffix("user_id") || name.hasSuffix("by_id") || name.hasSuffix("creator_id")
                || name.hasSuffix("seller_id") || name.hasSuffix("buyer_id") || name.hasSuffix("moderator_id")
            {
                return .id
            }
            let isEntity = name.hasSuffix("entity_id") || name.hasSuffix("object_id")
            return isEntity && isUserEntity(object) ? .id : .other
        case UInt8(ascii: "s"):
            if name.hasSuffix("user_ids") { return .id }
            if name.hasSuffix("participants") || name.hasSuffix("members") { return .either }
            return name.hasSuffix("users") ? .user : .other
        case UInt8(ascii: "r"):
            if name.hasSuffix("author") || name.hasSuffix("owner") { return .either }
            return name.hasSuffix("user") || name.hasSuffix("User") ? .user : .other
        case UInt8(ascii: "y"):
            return name.hasSuffix("_by") || name.hasSuffix("By") || (name.hasSuffix("by") && name.count == 2)
                ? .either : .other
        case UInt8(ascii: "t"):
            return name.hasSuffix("target") ? .user : .other
        default:
            return .other
        }
    }

    private static func isUserEntity(_ object: JSONValue) -> Bool {
        guard let type = (object["entity_type"] ?? object["content_type"])?.string else { return false }
        return isUser(entityType: type)
    }
}

extension Span<UInt8> {
    fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
        let expected = UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount)
        guard expected.count <= count else { return false }
        let start = count - expected.count
        for index in expected.indices where self[start + index] != expected[index] { return false }
        return true
    }
}

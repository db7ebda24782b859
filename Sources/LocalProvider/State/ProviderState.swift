import Chat
import Crypto
import Limits

/// Everything the provider knows of one app, and what a call does to it.
///
/// A pure state machine: time comes in, and the same calls at the same times give the same state, identifiers included.
/// A refused call changes nothing.
struct ProviderState: Sendable {
    var users: [String: StoredUser] = [:]
    var channels: [String: StoredChannel] = [:]
    var messages: [String: StoredMessage] = [:]
    var bans: [StoredBan.Key: StoredBan] = [:]
    /// Entity → the users who have flagged it.
    var flags: [String: Set<String>] = [:]
    /// Of the moderators' queue, by id.
    var reviewItems: [String: StoredReviewItem] = [:]
    var reviewItemIDs: [StoredReviewItem.Subject: String] = [:]
    /// Types of channels whose messages wait to be committed.
    var pendingTypes: Set<String> = []
    var tasks: [String: StoredTask] = [:]
    var settings = ProviderState.defaultSettings
    private(set) var applied = AppliedLog()

    let limits: Limits.LocalProvider
    /// The time of the call being carried out: later than that of any call before.
    private(set) var now = Timestamp(nanoseconds: 0)
    private(set) var actor = APICall.Actor.server
    private var events: [ProviderEvent] = []
    private var effects: [AppliedEffect] = []
    private var identifiers: UInt64 = 0
    /// Types that some hook wants to hear of; `nil` when one wants all.
    var wantedTypes: Set<String>? = []

    init(limits: Limits.LocalProvider = Limits.LocalProvider()) { self.limits = limits }

    /// Carries one call out.
    ///
    /// - Returns: the answer, and the events for which there are hooks.
    /// - Throws: ``Refusal``, with nothing changed.
    mutating func apply(
        _ call: APICall,
        at time: Timestamp
    ) throws(Refusal) -> (answer: Answer, events: [ProviderEvent]) {
        guard applied.entries.count < limits.changes || !call.endpoint.isChange else {
            throw Refusal(
                code: -1,
                status: 500,
                "\(limits.changes) changes are held; start again with POST /_local/reset"
            )
        }
        turn(to: time, call.actor)
        (events, effects) = ([], [])
        try admit(call)
        let answer = try perform(call)
        for effect in effects { applied.append(effect, call.endpoint, at: now) }
        defer { events = [] }
        return (answer, events)
    }

    private mutating func turn(to time: Timestamp, _ caller: APICall.Actor) {
        // Stored times are of microseconds and never equal: they order messages.
        let microsecond: Int64 = 1_000
        now = max(
            Timestamp(nanoseconds: time.nanoseconds / microsecond * microsecond),
            Timestamp(nanoseconds: now.nanoseconds + microsecond)
        )
        actor = caller
    }

    /// The state as a call would find it, for looking at what it asks for.
    func turned(to time: Timestamp, _ caller: APICall.Actor) -> ProviderState {
        var state = self
        state.turn(to: time, caller)
        return state
    }

    private func admit(_ call: APICall) throws(Refusal) {
        guard case .user(let id) = call.actor else { return }
        guard call.endpoint.isOpenToUsers else {
            throw .notAllowed("a user's token is not enough for this; it takes a server's")
        }
        let user = try existingUser(id)
        guard user.deactivatedAt == nil else { throw .notAllowed("the user is deactivated") }
    }

    private mutating func perform(_ call: APICall) throws(Refusal) -> Answer {
        switch call.endpoint {
        case .updateUsers: try upsertUsers(call)
        case .updateUsersPartial: try updateUsersPartially(call)
        case .queryUsers: try queryUsers(call)
        case .deleteUser: try deleteUser(call)
        case .deleteUsers: try deleteUsers(call)
        case .deactivateUser: try deactivateUser(call)
        case .reactivateUser: try reactivateUser(call)
        case .ban: try ban(call)
        case .unban: try unban(call)
        case .queryBannedUsers: try queryBans(call)
        case .muteUser: try mute(call)
        case .unmuteUser: try unmute(call)
        case .flag: try flag(call)
        case .queryReviewQueue: try queryReviewQueue(call)
        case .submitAction: try submitAction(call)
        case .getOrCreateChannel: try getOrCreateChannel(call)
        case .queryChannels: try queryChannels(call)
        case .updateChannel: try updateChannel(call)
        case .updateChannelPartial: try updateChannelPartially(call)
        case .deleteChannel: try deleteChannel(call)
        case .deleteChannels: try deleteChannels(call)
        case .updateChannelType: updateChannelType(call)
        case .queryMembers: try queryMembers(call)
        case .sendMessage: try sendMessage(call)
        case .getMessage: try getMessage(call)
        case .getManyMessages: try getMessages(call)
        case .updateMessage: try updateMessage(call)
        case .updateMessagePartial: try updateMessagePartially(call)
        case .deleteMessage: try deleteMessage(call)
        case .undeleteMessage: try undeleteMessage(call)
        case .commitMessage: try commitMessage(call)
        case .markRead: try markRead(call)
        case .markChannelsRead: try markAllRead(call)
        case .getApp: .ok(["app": .object(settings)])
        case .updateApp: try updateSettings(call)
        case .getTask: try task(call)
        // The windows are not of this state: whoever counts them answers.
        case .getRateLimits: .ok()
        }
    }

    // MARK: What calls leave behind

    mutating func note(_ entity: String, _ operation: String, isChange: Bool = true) {
        effects.append(AppliedEffect(entity, operation, isChange: isChange))
    }

    /// Composes an event only if somebody wants it, since composing costs more than most calls.
    ///
    /// - Parameter compose: adds to the body; is given the state, which it could not read while that is changed.
    mutating func emit(_ type: String, _ entity: String, _ compose: (ProviderState, inout Fields) -> Void) {
        guard wantedTypes?.contains(type) ?? true else { return }
        var body: Fields = ["type": .string(type), "created_at": .string(now.rfc3339)]
        compose(self, &body)
        body.append("request_info", .object(requestInfo))
        events.append(ProviderEvent(type: type, entity: entity, body: body))
    }

    /// Tells the hooks of messages that wait to be committed.
    ///
    /// - Parameter path: below the hook's address.
    mutating func emitPending(_ path: String, _ message: StoredMessage) {
        guard Hook.all(in: settings).contains(where: \.takesPending) else { return }
        let body: Fields = [
            "message": .object(messageFields(message)), "metadata": .object(message.pending?.metadata ?? [:]),
            "request_info": .object(requestInfo),
        ]
        events.append(ProviderEvent(type: "message.pending", entity: message.id, body: body, path: path))
    }

    /// An identifier like a random UUID, but the same whenever the same calls are carried out.
    mutating func makeIdentifier() -> String {
        identifiers += 1
        let digits = Array(Hex.encode(SHA256.digest(Array("\(now.nanoseconds)/\(identifiers)".utf8))))
        let parts = [digits[0..<8], digits[8..<12], ["4"] + digits[13..<16], ["a"] + digits[17..<20], digits[20..<32]]
        return parts.map { String($0) }.joined(separator: "-")
    }

    var requestInfo: Fields {
        switch actor {
        case .server: ["type": "server", "ip": "127.0.0.1", "user_agent": "", "sdk": ""]
        case .user: ["type": "client", "ip": "127.0.0.1", "user_agent": "local-provider", "sdk": "local-provider"]
        }
    }

    // MARK: What several calls ask

    func existingUser(_ id: String) throws(Refusal) -> StoredUser {
        guard let user = users[id], user.deletedAt == nil else { throw .notFound("user with id \"\(id)\" not found") }
        return user
    }

    /// - Parameter role: the field that named them.
    func requireUsers(_ ids: some Sequence<String>, as role: String) throws(Refusal) {
        let missing = ids.filter { users[$0] == nil || users[$0]?.deletedAt != nil }
        guard missing.isEmpty else {
            throw .input(
                "users named in \(role) don't exist: [\(missing.joined(separator: " "))]; create them first"
            )
        }
    }

    func existingChannel(_ parameters: [String]) throws(Refusal) -> StoredChannel {
        try existingChannel(cid: parameters.prefix(2).joined(separator: ":"))
    }

    func existingChannel(cid: String) throws(Refusal) -> StoredChannel {
        guard let channel = channels[cid] else { throw .notFound("Can't find channel with id \(cid)") }
        return channel
    }

    /// The user a call acts for: its own, or the one that a server names by `id` or as an object.
    func actingUser(in fields: Fields, _ names: String...) -> String? {
        if case .user(let id) = actor { return id }
        for name in names {
            if let id = fields["\(name)_id"]?.string ?? fields[name]?.object?["id"]?.string, !id.isEmpty { return id }
        }
        return nil
    }

    func requireActingUser(in fields: Fields, _ name: String) throws(Refusal) -> String {
        guard let id = actingUser(in: fields, name) else {
            throw .input("either \(name) or \(name)_id must be provided when using server side auth.")
        }
        try requireUsers([id], as: name)
        return id
    }

    /// - Parameter what: names the data in the refusal.
    func checkCustom(_ custom: Fields, of what: String) throws(Refusal) {
        guard Value.object(custom).json.count <= limits.customBytes else {
            throw .input("custom data of \(what) is larger than \(limits.customBytes) bytes")
        }
    }

    func checkIdentifier(_ id: String, of what: String) throws(Refusal) {
        guard !id.isEmpty, id.utf8.count <= limits.identifierBytes, id.utf8.allSatisfy(Self.isIdentifierByte) else {
            throw .input("\(what) id may have 1 to \(limits.identifierBytes) of letters, digits, @, _, -, ! and .")
        }
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "@_-!.".utf8.contains(byte)
        }
    }

    /// The page that `limit` and `offset` ask for.
    ///
    /// - Throws: ``Refusal`` when it is larger than `most`.
    func page<Element>(
        _ all: [Element],
        _ options: Fields,
        standard: Int,
        most: Int
    ) throws(Refusal) -> ArraySlice<Element> {
        let limit = Int(options["limit"]?.int ?? Int64(standard))
        let offset = Int(options["offset"]?.int ?? 0)
        guard (0...most).contains(limit) else { throw .input("limit must be between 0 and \(most)") }
        guard offset >= 0 else { throw .input("offset must not be negative") }
        return all.dropFirst(offset).prefix(limit)
    }
}

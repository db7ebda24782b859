import Chat
import History
import JSON
import Limits
import Moderation
import Rules

/// The body of a request that decides: what is to be done, and about which items.
struct ReviewForm: Sendable {
    struct Item: Sendable {
        let id: String
        let claim: String?
    }

    /// Without a claim.
    private(set) var order: ReviewOrder
    private(set) var items: [Item] = []

    /// - Parameter isBulk: `items` names several; else the path names one, and `claim` its claim.
    init(_ body: [UInt8], keyID: String, isBulk: Bool, _ limits: Limits.Review) throws(Problem) {
        let json = try RequestJSON.object(in: body)
        let fields = Fields(json: json, known: Self.common + [isBulk ? "items" : "claim"])
        try fields.checkNames()
        let action = try fields.choice("action", ReviewDecision.Action.self)
        guard let action else { throw Fields.missing("action", ReviewDecision.Action.names) }
        let allowed = "1 to \(Limits.Worker().identifierBytes) bytes"
        guard let moderator = try fields.text("moderator", Limits.Worker().identifierBytes, \.utf8.count, allowed)
        else {
            throw Fields.missing("moderator", allowed)
        }
        order = ReviewOrder(action, by: moderator, keyID: keyID)
        order.reason = try fields.text(
            "reason",
            limits.reasonCharacters,
            \.count,
            "1 to \(limits.reasonCharacters) characters"
        )
        if isBulk {
            items = try Self.items(fields, limits)
        } else {
            order.claim = try fields.text("claim", Self.claimBytes, \.utf8.count, "the token that the claim was given")
        }
        try readDetails(fields, limits)
    }

    private static let common = [
        "action", "moderator", "reason", "delete", "mask", "minutes", "of", "shadow", "spam",
    ]
    private static let claimBytes = 64

    private mutating func readDetails(_ fields: Fields, _ limits: Limits.Review) throws(Problem) {
        order.removal = try fields.choice(
            "delete",
            ReviewDecision.Removal.self,
            for: [.delete, .mute, .ban],
            of: order
        )
        order.isOfChannel = try fields.choice("of", Scope.self, for: [.mute, .ban], of: order).map { $0 == .channel }
        order.minutes = try fields.minutes(limits, for: [.mute, .ban], of: order)
        order.isShadow = try fields.flag("shadow", for: [.ban], of: order) ?? false
        order.isSpam = try fields.flag("spam", for: ReviewDecision.Action.allCases, of: order)
        order.mask = try fields.masked(of: order)
    }

    private enum Scope: String, CaseIterable { case channel, everywhere }

    private static func items(_ fields: Fields, _ limits: Limits.Review) throws(Problem) -> [Item] {
        let allowed = "a list of 1 to \(limits.bulkItems) items, each an `_id` or { \"_id\", \"claim\" }"
        guard let list = fields["items"] else { throw Fields.missing("items", allowed) }
        var items: [Item] = []
        for element in list.array {
            guard let id = element.string ?? element["_id"]?.string, items.count < limits.bulkItems else {
                throw Fields.wrong("items", allowed)
            }
            guard !items.contains(where: { $0.id == id }) else {
                throw .parameter("items", "The body's field items names an item more than once.")
            }
            items.append(Item(id: id, claim: element["claim"]?.string))
        }
        guard list.kind == .array, !items.isEmpty else { throw Fields.wrong("items", allowed) }
        return items
    }
}

/// The fields of a body, read one by one.
private struct Fields {
    let json: JSONValue
    let known: [String]

    subscript(name: String) -> JSONValue? { json[name].flatMap { $0.isNull ? nil : $0 } }

    func checkNames() throws(Problem) {
        var seen: Set<String> = []
        for (name, _) in json.object {
            guard known.contains(name) else { throw .unknown(name, among: known, place: .body) }
            guard seen.insert(name).inserted else {
                throw .parameter(name, "The body's field \(name) is given more than once.")
            }
        }
    }

    static func missing(_ name: String, _ allowed: String) -> Problem {
        .parameter(name, "The body's field \(name) is missing; it must be \(allowed).")
    }

    static func wrong(_ name: String, _ allowed: String) -> Problem {
        .parameter(name, "The body's field \(name) must be \(allowed).")
    }

    func text(
        _ name: String,
        _ most: Int,
        _ length: (String) -> Int,
        _ allowed: String
    ) throws(Problem) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string, 1...most ~= length(text) else { throw Self.wrong(name, allowed) }
        return text
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _: Value.Type
    ) throws(Problem) -> Value? where Value.RawValue == String {
        guard let value = self[name] else { return nil }
        guard let choice = value.string.flatMap(Value.init) else { throw Self.wrong(name, Value.names) }
        return choice
    }

    // MARK: What only some actions take

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _: Value.Type,
        for actions: [ReviewDecision.Action],
        of order: ReviewOrder
    ) throws(Problem) -> Value? where Value.RawValue == String {
        try check(name, for: actions, of: order)
        return try choice(name, Value.self)
    }

    func flag(
        _ name: String,
        for actions: [ReviewDecision.Action],
        of order: ReviewOrder
    ) throws(Problem) -> Bool? {
        try check(name, for: actions, of: order)
        guard let value = self[name] else { return nil }
        guard let flag = value.bool else { throw Self.wrong(name, "true or false") }
        return flag
    }

    func minutes(
        _ limits: Limits.Review,
        for actions: [ReviewDecision.Action],
        of order: ReviewOrder
    ) throws(Problem) -> Int? {
        try check("minutes", for: actions, of: order)
        guard let value = self["minutes"] else { return nil }
        guard let minutes = value.int64, 1...Int64(limits.banMostMinutes) ~= minutes else {
            throw Self.wrong("minutes", "a whole number from 1 to \(limits.banMostMinutes)")
        }
        return Int(minutes)
    }

    /// Empty is the whole text.
    func masked(of order: ReviewOrder) throws(Problem) -> Set<Masked> {
        try check("mask", for: [.mask], of: order)
        guard let value = self["mask"] else { return [] }
        let names = Masked.allCases.filter { $0 != .matches }.map(\.rawValue)
        var masked: Set<Masked> = []
        for element in value.kind == .array ? Array(value.array) : [value] {
            guard let name = element.string, names.contains(name), let what = Masked(rawValue: name) else {
                throw Self.wrong("mask", "one or several of \(names.joined(separator: ", "))")
            }
            masked.insert(what)
        }
        return masked
    }

    private func check(
        _ name: String,
        for actions: [ReviewDecision.Action],
        of order: ReviewOrder
    ) throws(Problem) {
        guard self[name] != nil, !actions.contains(order.action) else { return }
        let names = actions.map(\.rawValue).joined(separator: ", ")
        throw .parameter(name, "The body's field \(name) belongs to \(names), not to \(order.action.rawValue).")
    }
}

extension RawRepresentable where Self: CaseIterable, RawValue == String {
    /// Those that may be written.
    fileprivate static var names: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}

import ChannelSync
import Chat
import Limits
import Spelling
import YAML

/// The section `CHANNELS` of the file: for each kind of business object how it becomes a channel.
///
/// ```yaml
/// CHANNELS:
///   order:
///     id: order-{id}
///     members: [buyer_id, seller_id]
///     context: {order_id: id, listing_id: listing}
/// ```
struct ChannelSection {
    private static let names = [
        "id", "type", "name", "image", "team", "created_by", "members", "custom", "context",
    ]
    private static let standardType = "messaging"

    private let file: String
    private let limits: Limits.Channels
    private var faults: [ConfigurationError.Fault] = []

    /// - Throws: ``SettingProblem`` with every fault of the section.
    static func read(_ node: YAMLNode, file: String) throws(SettingProblem) -> [ChannelTemplate] {
        var section = ChannelSection(file: file, limits: Limits.Channels())
        let entries = node.mapping ?? []
        if entries.count > section.limits.kinds {
            section.refuse(node.position, "CHANNELS names \(entries.count) kinds; at most \(section.limits.kinds)")
        }
        var templates: [ChannelTemplate] = []
        let standard = ChannelTemplate.standard.filter { template in !entries.contains { $0.key == template.kind } }
        for entry in entries {
            guard let template = section.template(entry) else { continue }
            // Two kinds of one pattern would fight for the same channels.
            if let twin = (standard + templates).first(where: { $0.type == template.type && $0.id == template.id }) {
                section.refuse(entry.keyPosition, "\(entry.key) makes the same channel ids as \(twin.kind)")
            }
            templates.append(template)
        }
        guard section.faults.isEmpty else { throw SettingProblem(section.faults) }
        return templates
    }

    private init(file: String, limits: Limits.Channels) { (self.file, self.limits) = (file, limits) }

    private mutating func refuse(_ position: YAMLPosition, _ problem: String) {
        faults.append(.init(place: "\(file):\(position)", problem: problem))
    }

    private mutating func template(_ entry: YAMLNode.Entry) -> ChannelTemplate? {
        let kind = entry.key
        if !isKind(kind) {
            refuse(entry.keyPosition, "\(kind.prefix(80)) is no kind; allowed: lower-case letters, digits, _ and -")
        }
        guard let parts = entry.value.mapping else {
            refuse(entry.value.position, "\(kind) is \(entry.value.kind); allowed: a mapping with id")
            return nil
        }
        for part in parts where !Self.names.contains(part.key) {
            let suggestion = Suggestion.text(for: part.key, among: Self.names)
            refuse(part.keyPosition, "\(part.key) is not known here\(suggestion)")
        }
        let (node, type) = (entry.value, channelType(entry.value))
        guard let id = pattern(node, of: entry) else { return nil }
        var template = ChannelTemplate(kind: kind, id: id, type: type)
        template.name = fields(node["name"], "name") ?? template.name
        template.image = fields(node["image"], "image") ?? template.image
        template.team = fields(node["team"], "team") ?? template.team
        template.createdBy = fields(node["created_by"], "created_by") ?? template.createdBy
        template.members = fields(node["members"], "members") ?? template.members
        template.custom = fields(node["custom"], "custom").map { .only($0) } ?? template.custom
        template.context = context(node["context"])
        return template
    }

    private func isKind(_ text: String) -> Bool {
        let first = text.utf8.first.map { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 } ?? false
        return first && text.utf8.count <= limits.kindBytes
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || "_-".utf8.contains(byte)
            }
    }

    private mutating func channelType(_ node: YAMLNode) -> String {
        guard let value = node["type"], !value.isNull else { return Self.standardType }
        guard let text = value.text, !text.isEmpty, text.utf8.count <= limits.identifierBytes,
            ChannelIDPattern.isAllowed(text)
        else {
            refuse(value.position, "type must be one of the provider's channel types, such as \(Self.standardType)")
            return Self.standardType
        }
        return text
    }

    private mutating func pattern(_ node: YAMLNode, of entry: YAMLNode.Entry) -> ChannelIDPattern? {
        guard let value = node["id"], !value.isNull else {
            refuse(entry.keyPosition, "\(entry.key) has no id; it takes a pattern such as \(entry.key)-{id}")
            return nil
        }
        do throws(ChannelIDPattern.Fault) {
            return try ChannelIDPattern(value.text ?? "")
        } catch {
            refuse(value.position, "id must be \(error.allowed)")
            return nil
        }
    }

    /// A name, or a list of names.
    private mutating func fields(_ node: YAMLNode?, _ name: String) -> [String]? {
        guard let node, !node.isNull else { return nil }
        let names = node.sequence?.map(\.text) ?? [node.text]
        guard names.count <= limits.customFields, names.allSatisfy({ isField($0) }) else {
            let allowed = "a field's name or a list of at most \(limits.customFields) names"
            refuse(node.position, "\(name) must be \(allowed)")
            return nil
        }
        return names.compactMap(\.self)
    }

    private func isField(_ name: String?) -> Bool { 1...limits.fieldNameBytes ~= name?.utf8.count ?? 0 }

    private mutating func context(_ node: YAMLNode?) -> [BusinessContext.Kind: [String]] {
        guard let node, !node.isNull else { return [:] }
        guard let entries = node.mapping else {
            refuse(node.position, "context is \(node.kind); allowed: a mapping such as {listing_id: id}")
            return [:]
        }
        let known = BusinessContext.Kind.allCases
        var context: [BusinessContext.Kind: [String]] = [:]
        for entry in entries {
            guard let kind = known.first(where: { $0.field == entry.key }) else {
                let suggestion = Suggestion.text(for: entry.key, among: known.map(\.field))
                let allowed = known.map(\.field).joined(separator: ", ")
                refuse(entry.keyPosition, "\(entry.key) is no context\(suggestion); allowed: \(allowed)")
                continue
            }
            context[kind] = fields(entry.value, entry.key)
        }
        return context
    }
}

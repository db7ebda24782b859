import Facts
import Limits
import Spelling
import YAML

/// The section `FACTS` of the file: for each kind where the app's database keeps its facts.
///
/// ```yaml
/// FACTS:
///   listing:
///     collection: listings
///     key_type: objectid
///     fields: {status: status, seller_id: owner.id}
/// ```
struct FactSection {
    private static let names = ["collection", "database", "key", "key_type", "fields"]

    private let file: String
    private let limits: Limits.Facts
    private var faults: [ConfigurationError.Fault] = []

    /// - Throws: ``SettingProblem`` with every fault of the section.
    static func read(_ node: YAMLNode, file: String) throws(SettingProblem) -> [FactMapping] {
        var section = FactSection(file: file, limits: Limits.Facts())
        let entries = node.mapping ?? []
        if entries.count > section.limits.mappings {
            section.refuse(node.position, "FACTS maps \(entries.count) kinds; at most \(section.limits.mappings)")
        }
        let mappings = entries.compactMap { section.mapping($0) }
        guard section.faults.isEmpty else { throw SettingProblem(section.faults) }
        return mappings
    }

    private init(file: String, limits: Limits.Facts) { (self.file, self.limits) = (file, limits) }

    private mutating func refuse(_ position: YAMLPosition, _ problem: String) {
        faults.append(.init(place: "\(file):\(position)", problem: problem))
    }

    private mutating func mapping(_ entry: YAMLNode.Entry) -> FactMapping? {
        let kind = entry.key
        if !FactKey.isKind(kind, bytesMost: limits.kindBytes) {
            refuse(entry.keyPosition, "\(kind.prefix(80)) is no kind; allowed: lower-case letters, digits, _ and -")
        }
        guard let parts = entry.value.mapping else {
            let allowed = "a mapping with collection and fields"
            refuse(entry.value.position, "\(kind) is \(entry.value.kind); allowed: \(allowed)")
            return nil
        }
        for part in parts where !Self.names.contains(part.key) {
            let suggestion = Suggestion.text(for: part.key, among: Self.names)
            refuse(part.keyPosition, "\(part.key) is not known here\(suggestion)")
        }
        let collection = text(entry.value, "collection", of: entry, isRequired: true)
        let fields = fields(entry.value, of: entry)
        let database = text(entry.value, "database", of: entry)
        let key = text(entry.value, "key", of: entry).flatMap { _ in path(entry.value["key"], "key") } ?? ["_id"]
        let keyType = keyType(entry.value)
        return FactMapping(
            kind: kind,
            collection: collection ?? "",
            database: database,
            key: key,
            keyType: keyType,
            fields: fields
        )
    }

    private mutating func text(
        _ node: YAMLNode,
        _ name: String,
        of entry: YAMLNode.Entry,
        isRequired: Bool = false
    ) -> String? {
        guard let value = node[name], !value.isNull else {
            if isRequired { refuse(entry.keyPosition, "\(entry.key) has no \(name)") }
            return nil
        }
        guard let text = value.text, !text.isEmpty else {
            refuse(value.position, "\(name) is \(value.kind); allowed: a name")
            return nil
        }
        do throws(SettingProblem) { try Self.check(text, name) } catch {
            refuse(value.position, "\(name) is \"\(text.prefix(80))\"; allowed: \(error.allowed)")
        }
        return text
    }

    private static func check(_ text: String, _ name: String) throws(SettingProblem) {
        switch name {
        case "database": try SettingCheck.databaseName(text)
        case "collection":
            // Source: MongoDB manual, “Naming Restrictions”.
            guard !text.contains("$"), !text.contains("\0"), !text.hasPrefix("system.") else {
                throw SettingProblem("a collection's name")
            }
        default: break
        }
    }

    private mutating func keyType(_ node: YAMLNode) -> FactMapping.KeyType {
        guard let value = node["key_type"], !value.isNull else { return .string }
        let names = FactMapping.KeyType.allCases.map(\.rawValue)
        guard let type = value.text.flatMap(FactMapping.KeyType.init(rawValue:)) else {
            let suggestion = value.text.map { Suggestion.text(for: $0, among: names) } ?? ""
            refuse(value.position, "key_type is not known; allowed: \(names.joined(separator: ", "))\(suggestion)")
            return .string
        }
        return type
    }

    private mutating func fields(_ node: YAMLNode, of entry: YAMLNode.Entry) -> [String: [String]] {
        guard let value = node["fields"], !value.isNull else {
            refuse(entry.keyPosition, "\(entry.key) has no fields")
            return [:]
        }
        var fields: [String: [String]] = [:]
        switch value.value {
        case .mapping(let entries):
            for field in entries { fields[name(field.key, at: field.keyPosition)] = path(field.value, field.key) }
        case .sequence(let nodes):  // each under its own name
            for field in nodes {
                guard let path = path(field, "fields") else { continue }
                fields[name(field.text ?? "", at: field.position)] = path
            }
        case .scalar: refuse(value.position, "fields is \(value.kind); allowed: names and paths, or a list of names")
        }
        if value.mapping?.isEmpty == true || value.sequence?.isEmpty == true || fields.count > limits.fields {
            refuse(value.position, "fields holds \(fields.count); allowed: 1 to \(limits.fields)")
        }
        return fields
    }

    private mutating func name(_ text: String, at position: YAMLPosition) -> String {
        if !(1...limits.fieldNameBytes ~= text.utf8.count) {
            refuse(position, "a fact's name has 1 to \(limits.fieldNameBytes) bytes")
        }
        return text
    }

    private mutating func path(_ node: YAMLNode?, _ name: String) -> [String]? {
        guard let node else { return nil }
        let parts = (node.text ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard node.text != nil, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("$") && !$0.contains("\0") }) else {
            refuse(node.position, "\(name.prefix(80)) must be a path of field names, with dots between levels")
            return nil
        }
        return parts
    }
}

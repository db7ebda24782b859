import Spelling
import YAML

/// One key of a mapping: its name, what it means, and how its value is read into a draft.
struct Key<Draft: Sendable>: Sendable {
    let name: String
    /// For editors: one or two sentences.
    let meaning: String
    let isRequired: Bool
    let schema: Schema
    let read: @Sendable (YAMLNode, inout Draft, inout Reading) -> Void
    /// What the bare word makes, where it needs no value.
    let bare: (@Sendable (inout Draft) -> Void)?

    init<Value>(
        _ name: String,
        _ meaning: String,
        _ form: Form<Value>,
        required: Bool = false,
        bare: (@Sendable (inout Draft) -> Void)? = nil,
        set: @escaping @Sendable (inout Draft, Value) -> Void
    ) {
        (self.name, self.meaning, isRequired, self.bare) = (name, meaning, required, bare)
        schema = bare == nil ? form.schema : .either([form.schema, .nothing])
        read = { node, draft, reading in if let value = form.read(node, &reading) { set(&draft, value) } }
    }

    private init<Inner>(_ key: Key<Inner>, at path: any WritableKeyPath<Draft, Inner> & Sendable) {
        (name, meaning, isRequired, schema, bare) = (key.name, key.meaning, key.isRequired, key.schema, nil)
        read = { node, draft, reading in key.read(node, &draft[keyPath: path], &reading) }
    }

    /// The same key of something that has this draft as a part.
    func within<Outer>(_ path: any WritableKeyPath<Outer, Draft> & Sendable) -> Key<Outer> {
        Key<Outer>(self, at: path)
    }

    var field: Schema.Field { Schema.Field(name: name, meaning: meaning, isRequired: isRequired, schema: schema) }
}

/// All keys of one kind of mapping: the source of what is read, of what is allowed and of the schema.
struct Keys<Draft: Sendable>: Sendable {
    /// What one of them is, such as `condition`.
    let noun: String
    let keys: [Key<Draft>]
    /// Other spellings that people try, and the key that each is for.
    var also: [String: String] = [:]
    /// Keys of other mappings that are easily written here, with advice.
    var elsewhere: [String: String] = [:]
    /// Keys by a pattern, for the schema.
    var patterns: [Schema.Field] = []
    /// The mapping as one writes it, where a fault has to show it.
    var example: String?

    var names: [String] { keys.map(\.name) }

    var schema: Schema { .object(keys.map(\.field), patterns: patterns) }

    subscript(name: String) -> Key<Draft>? { keys.first { $0.name == name } }

    /// Reads every entry of a mapping into `draft`.
    ///
    /// - Parameter other: takes keys that are not in the table, such as paths; false refuses them.
    /// - Returns: the keys that have faults or are missing; `nil` where it is no mapping.
    @discardableResult
    func read(
        _ node: YAMLNode,
        into draft: inout Draft,
        _ reading: inout Reading,
        other: (YAMLNode.Entry, inout Draft, inout Reading) -> Bool = { _, _, _ in false }
    ) -> Set<String>? {
        var wrong: Set<String> = []
        guard let entries = node.mapping, !entries.isEmpty else {
            let found = node.mapping == nil ? node.inWords : "an empty mapping"
            reading.refuse(
                node.position,
                "\(reading.key): found \(found); allowed: \(allowed)"
            )
            return nil
        }
        for (index, entry) in entries.enumerated() where !reading.isFull {
            let (outer, before) = (reading.key, reading.faultCount)
            reading.key = entry.key
            if let key = self[entry.key] {
                key.read(entry.value, &draft, &reading)
            } else if !other(entry, &draft, &reading) {
                let torn = index > 0 ? Self.torn(entries[index - 1], entry) : nil
                reading.refuse(entry.keyPosition, unknown(entry.key, torn))
            }
            reading.key = outer
            if reading.faultCount > before { wrong.insert(entry.key) }
        }
        let missing = keys.filter { key in key.isRequired && !entries.contains { $0.key == key.name } }
        for key in missing {
            wrong.insert(key.name)
            // It is there, misspelt, and that is told.
            if entries.contains(where: { self[$0.key] == nil && meant(by: $0.key) == key.name }) { continue }
            let owner = reading.key.isEmpty ? "the \(noun.split(separator: " ").last ?? "")" : reading.key
            reading.refuse(
                node.position,
                "\(owner): \"\(key.name)\" is missing: \(key.meaning.prefix(1).lowercased())\(key.meaning.dropFirst().prefix { $0 != "." })"
            )
        }
        return wrong
    }

    private var allowed: String {
        example.map { "a mapping such as \($0)" } ?? "a mapping of \(Wording.listed(names))"
    }

    /// The key that a name which is none may stand for.
    private func meant(by name: String) -> String? {
        also[name.lowercased()] ?? Suggestion.nearest(to: name, among: names)
    }

    /// Between braces a comma ends a value, and what follows it becomes a key without one.
    private static func torn(_ before: YAMLNode.Entry, _ entry: YAMLNode.Entry) -> String? {
        guard entry.value.isNull, let value = before.value.written, before.value.position.line == entry.keyPosition.line
        else { return nil }
        let whole = "\(value), \(entry.key)"
        let isText = whole.split(separator: " ").count > 2
        let list = isText ? "" : ", and a list between brackets: \(before.key): [\(Wording.unquoted(whole))]"
        return
            "a text with a comma in it goes between quotes here: \(before.key): \(Wording.quoted(whole))\(list)"
    }

    /// Why a key is refused.
    func unknown(_ name: String, _ advice: String? = nil) -> String {
        if let advice { return "unknown \(noun) \(Wording.quoted(name)); \(advice)" }
        if let colon = name.firstIndex(of: ":"), let key = self[String(name[..<colon])] {
            let value = name[name.index(after: colon)...]
            return
                "unknown \(noun) \(Wording.quoted(name)); a blank is missing after the colon: \(Wording.quoted("\(key.name): \(value)"))"
        }
        if let advice = elsewhere[name] { return "unknown \(noun) \(Wording.quoted(name)); \(advice)" }
        return "unknown \(noun) \(Wording.quoted(name))\(Wording.allowed(names, for: name, also: also))"
    }

    /// A mapping as a value; `make` gives `nil` once it has noted a fault.
    func form<Value: Sendable>(
        from empty: Draft,
        _ make: @escaping @Sendable (Draft, YAMLNode, inout Reading) -> Value?
    ) -> Form<Value> {
        Form<Value>(allowed: allowed, schema: schema) { node, reading in
            var draft = empty
            guard read(node, into: &draft, &reading) == [] else { return nil }
            return make(draft, node, &reading)
        }
    }
}

import Limits
import YAML

/// One file of rules as it was written.
struct FileDraft: Sendable {
    struct Rules: Sendable {
        let draft: RuleDraft
        let notes: RuleNotes
        /// Its keys that have faults or are missing.
        let wrong: Set<String>
    }

    var thresholds: Located<Thresholds>?
    var lists: [ListDraft] = []
    var rules: [Rules] = []
}

/// A list as a file of rules gives it.
struct ListDraft: Sendable {
    enum Source: Sendable {
        case terms([String])
        /// A file of the folder.
        case file(Located<String>)
    }

    let name: String
    let position: YAMLPosition
    let source: Source
}

enum FileKeys {
    static let table = Keys<FileDraft>(
        noun: "key of a rule file",
        keys: [
            Key(
                "thresholds",
                "From which score on a message is masked, held or blocked; in one file only.",
                thresholds.located
            ) {
                $0.thresholds = $1
            },
            Key("lists", "Words, phrases or domains by the name of their list.", lists) { $0.lists = $1 },
            Key("rules", "The rules, in order.", rules) { $0.rules = $1 },
        ],
        also: ["rule": "rules", "list": "lists", "words": "lists", "threshold": "thresholds", "score": "thresholds"],
        elsewhere: [
            "id": "a rule stands under rules:, on a line that begins with -",
            "when": "a rule stands under rules:, on a line that begins with -",
            "then": "a rule stands under rules:, on a line that begins with -",
            "version": "remove it: the version follows from the files",
            "defaults": "remove it: every rule says for itself what differs",
            "templates": "a template is a file: templates/NAME.txt",
        ]
    )

    // MARK: Thresholds

    private static let thresholdKeys = Keys<Thresholds>(
        noun: "threshold",
        keys: [
            Key("mask", "From this score on a message is masked.", score) { $0.mask = $1 },
            Key("hold", "From this score on a message waits for a moderator.", score) { $0.hold = $1 },
            Key("block", "From this score on a message is blocked.", score) { $0.block = $1 },
        ],
        also: ["review": "hold", "delete": "block", "flag": "hold"],
        example: "{ mask: 3, hold: 4, block: 8 }"
    )

    private static let score = Form<Double>(allowed: "a number above 0", schema: .number(0...1_000_000)) { node in
        node.plainNumber.flatMap { $0 > 0 && $0 <= 1_000_000 ? $0 : nil }
    }

    private static let thresholds = thresholdKeys.form(from: Thresholds()) { draft, node, reading -> Thresholds? in
        let given = [("mask", draft.mask), ("hold", draft.hold), ("block", draft.block)].filter { $0.1 != nil }
        for (weak, strong) in zip(given, given.dropFirst()) where (strong.1 ?? 0) <= (weak.1 ?? 0) {
            reading.refuse(
                node.position,
                "\(reading.key): \(strong.0) is not above \(weak.0), so that \(weak.0) can never be; allowed: mask < hold < block"
            )
            return nil
        }
        return draft
    }

    // MARK: Lists

    private static let listFile = Keys<[Located<String>]>(
        noun: "key of a list",
        keys: [
            Key(
                "file",
                "A file of the folder, a term a line, such as lists/domains.txt.",
                Form<String>.text().located,
                required: true
            ) { $0.append($1) }
        ],
        also: ["path": "file", "from": "file"]
    )

    /// The terms that are right: a wrong one does not keep the others from being known.
    private static let terms = Form<[String]>(allowed: "a list of terms", schema: .list(.text(), least: 1)) {
        node,
        reading in
        let before = reading.faultCount
        var (terms, seen): ([String], Set<String>) = ([], [])
        for element in node.sequence ?? [] where !reading.isFull {
            if let term = Form<String>.term.read(element, &reading), seen.insert(term).inserted { terms.append(term) }
        }
        if terms.isEmpty, reading.faultCount == before {
            reading.refuse(node.position, "\(reading.key): the list is empty; allowed: at least one term")
        }
        return terms
    }

    private static let lists = Form<[ListDraft]>(
        allowed: "a mapping from names to lists",
        schema: .object(
            [],
            patterns: [
                Schema.Field(
                    name: "^[a-z0-9_\\-]+$",
                    meaning: "A list by its name: its terms, or the file that holds them.",
                    schema: .either([terms.schema, listFile.schema])
                )
            ]
        )
    ) { node, reading in
        guard let entries = node.mapping, !entries.isEmpty else {
            reading.refuse(node, allowed: "a mapping from names to lists, such as { spam: [buy now, click here] }")
            return nil
        }
        return entries.compactMap { list($0, &reading) }
    }

    private static func list(_ entry: YAMLNode.Entry, _ reading: inout Reading) -> ListDraft? {
        let outer = reading.key
        defer { reading.key = outer }
        reading.key = entry.key
        guard RuleName.isName(entry.key, with: "-_"), entry.key.utf8.count <= reading.limits.nameBytes else {
            reading.refuse(
                entry.keyPosition,
                "found \(Wording.quoted(entry.key)) as the name of a list; allowed: a to z, 0 to 9, - and _"
            )
            return nil
        }
        if entry.value.sequence != nil {
            return terms.read(entry.value, &reading).map {
                ListDraft(name: entry.key, position: entry.keyPosition, source: .terms($0))
            }
        }
        guard entry.value.mapping != nil else {
            reading.refuse(entry.value, allowed: "a list such as [buy now, click here], or { file: lists/NAME.txt }")
            return nil
        }
        var files: [Located<String>] = []
        guard listFile.read(entry.value, into: &files, &reading) == [], let file = files.first else { return nil }
        return ListDraft(name: entry.key, position: entry.keyPosition, source: .file(file))
    }

    // MARK: Rules

    private static let rules = Form<[FileDraft.Rules]>(
        allowed: "a list of rules",
        schema: .list(.reference("rule"), least: 1)
    ) { node, reading in
        guard let elements = node.sequence, !elements.isEmpty else {
            if node.isNull, reading.hasBrokenRule { return [] }
            let found = node.sequence == nil ? node.inWords : "an empty list"
            reading.refuse(
                node.position,
                "rules: found \(found); allowed: a list of rules, each on a line that begins with - id:"
            )
            return nil
        }
        return elements.compactMap { reading.isFull ? nil : rule($0, &reading) }
    }

    private static func rule(_ node: YAMLNode, _ reading: inout Reading) -> FileDraft.Rules? {
        guard node.mapping != nil else {
            reading.refuse(node, allowed: "a rule: a mapping of \(Wording.listed(RuleKeys.table.names))")
            return nil
        }
        (reading.notes, reading.key) = (RuleNotes(), "")
        var draft = RuleDraft()
        draft.position = node.position
        let wrong = RuleKeys.table.read(node, into: &draft, &reading) ?? []
        reading.key = "rules"
        return FileDraft.Rules(draft: draft, notes: reading.notes, wrong: wrong)
    }
}

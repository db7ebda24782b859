import YAML

/// What is looked for in the text, as it was written.
struct TextDraft: Sendable {
    var patterns: [TextTest.Pattern] = []
    var conditions: [Condition] = []
    var expressions: [Located<String>] = []
    var isRaw: Located<Bool>?
}

enum TextKeys {
    static let table = Keys<TextDraft>(
        noun: "condition on the text",
        keys: [
            Key("contains", "One of these stands anywhere in the text, also within words.", Form<String>.term.oneOrMany)
            {
                $0.patterns.append(.contains($1))
            },
            Key("has_word", "One of these stands in the text as a whole word or phrase.", Form<String>.term.oneOrMany) {
                $0.patterns.append(.words($1))
            },
            Key("in_list", "A term of one of these lists stands in the text as a whole word or phrase.", lists) {
                $0.patterns.append(.lists($1))
            },
            Key(
                "matches",
                "One of these expressions (RE2) matches; best in single quotes.",
                Form<String>.expression.located.oneOrMany
            ) {
                $0.patterns.append(.matches($1.map(\.value)))
                $0.expressions += $1
            },
            Key("raw", "Look at the text as it was written, capitals and disguises included.", Form<Bool>.flag.located)
            {
                $0.isRaw = $1
            },
            Key("link_in", "A link leads to a domain of one of these lists, or below it.", domains) {
                $0.conditions.append(.links(.within($1)))
            },
            Key("link_not_in", "A link leads to a domain that is in none of these lists.", domains) {
                $0.conditions.append(.links(.outside($1)))
            },
            Key("link_like", "A link leads to a domain that looks like one of a list, and is not.", domains) {
                $0.conditions.append(.links(.lookingLike($1)))
            },
        ]
            + Measure.allCases.map { measure in
                Key(measure.rawValue, measure.meaning, .measure(measure)) {
                    $0.conditions.append(.measure(measure, $1))
                }
            },
        also: [
            "contain_word": "has_word", "contains_word": "has_word", "word": "has_word", "has_words": "has_word",
            "has_phrase": "has_word", "phrase": "has_word", "is": "matches", "regex": "matches", "match": "matches",
            "includes": "contains", "has": "contains", "list": "in_list", "in_lists": "in_list", "has_any": "contains",
            "characters": "length", "chars": "length", "html": "markup", "urls": "links", "link": "links",
            "caps": "capitals", "uppercase": "capitals", "invisible": "hidden", "email": "emails", "phone": "phones",
            "domain_in": "link_in",
        ],
        elsewhere: ["in": "lists go under in_list, several texts under contains or has_word"]
    )

    private static let lists = Form<String>.listName().oneOrMany
    private static let domains = Form<String>.listName(domains: true).oneOrMany

    static let form = Form<[Condition]>(allowed: "a mapping such as { has_word: free }", schema: table.schema) {
        node,
        reading in
        guard node.mapping != nil else {
            reading.refuse(node, allowed: "a mapping such as { has_word: free } or { links: true }")
            return nil
        }
        var draft = TextDraft()
        guard table.read(node, into: &draft, &reading) == [] else { return nil }
        if let raw = draft.isRaw, draft.patterns.isEmpty {
            reading.refuse(
                raw.position,
                "raw: says how a text is searched; allowed: beside contains, has_word, in_list or matches"
            )
            return nil
        }
        let isRaw = draft.isRaw?.value ?? false
        if !isRaw { warnOfFolded(draft.expressions, &reading) }
        reading.notes.locates =
            reading.notes.locates || !draft.patterns.isEmpty
            || draft.conditions.contains { condition in
                switch condition {
                case .links: true
                case .measure(let measure, let bounds): measure.locates && bounds.highest != 0
                default: false
                }
            }
        return draft.patterns.map { .text(TextTest($0, isRaw: isRaw)) } + draft.conditions
    }

    /// Latin letters beyond ASCII: other scripts' stay as they are within their own words.
    private static let accented: [ClosedRange<UInt32>] = [0xC0...0x24F, 0x1E00...0x1EFF]

    /// Letters that no folded text has can only be found in the raw one.
    private static func warnOfFolded(_ expressions: [Located<String>], _ reading: inout Reading) {
        let folder = TextFolder(limits: reading.limits)
        for expression in expressions {
            for scalar in expression.value.unicodeScalars
            where accented.contains(where: { $0.contains(scalar.value) }) {
                folder.fold(String(scalar))
                let folded = String(decoding: folder.folded.bytes, as: UTF8.self)
                guard folded != scalar.properties.lowercaseMapping else { continue }
                reading.warn(
                    expression.position,
                    "matches: the expression has \(Wording.quoted(String(scalar))), which is \(Wording.quoted(folded)) in the folded text that is searched; write raw: true beside it, or use has_word"
                )
                break
            }
        }
    }
}

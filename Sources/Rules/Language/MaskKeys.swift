import YAML

/// `mask`.
enum MaskKeys {
    struct Draft: Sendable {
        var what: Set<Masked> = []
        var with = "•"
    }

    static let table = Keys<Draft>(
        noun: "key of a mask",
        keys: [
            Key("what", "What is masked.", kinds, required: true) { $0.what = $1 },
            Key("with", "The sign in its place; left out: •.", sign) { $0.with = $1 },
        ],
        also: ["by": "with", "character": "with", "of": "what"]
    )

    static let form: Form<Draft> = {
        let mapping = table.form(from: Draft()) { draft, _, _ in draft }
        let allowed =
            "\(Wording.listed(Masked.allCases.map(\.rawValue))), a list of them, or { what: contacts, with: \"•\" }"
        return Form(allowed: allowed, schema: .either([kinds.schema, mapping.schema])) { node, reading in
            node.mapping == nil ? kinds.read(node, &reading).map { Draft(what: $0) } : mapping.read(node, &reading)
        }
    }()

    private static let kinds = Form<Masked>.choice(also: [
        "match": .matches, "matched": .matches, "phone": .phones, "email": .emails, "link": .links, "urls": .links,
        "contact": .contacts,
    ]).oneOrManyOnce

    private static let sign = Form<String>.text("a sign or short text, at most 32 characters").checked {
        sign,
        node,
        reading in
        if sign.count <= 32 { return true }
        reading.refuse(node.position, "\(reading.key): found \(sign.count) characters; at most 32 are allowed")
        return false
    }
}

/// Domains of a list, and what pretends to be one of them.
package struct DomainTable: Sendable {
    private let domains: Set<String>
    /// What stands before the public suffix, as it looks, with the list's domains that have it.
    private let names: Set<String>
    /// Names of five letters and more with one letter left out.
    private let shortened: [String: [String]]

    /// - Parameter domains: such as `example.com`; case, a dot at the end, and `*.` before do not matter.
    package init(_ domains: some Sequence<String>) {
        var (known, names, shortened) = (Set<String>(), Set<String>(), [String: [String]]())
        for domain in domains {
            var text = domain
            if text.hasPrefix("*.") { text.removeFirst(2) }
            let host = text.withUTF8 { HostName.value($0) }
            guard !host.isEmpty, known.insert(host).inserted else { continue }
            let name = Self.skeleton(Self.name(host))
            guard name.count >= 4, names.insert(name).inserted, name.count >= 5 else { continue }
            for key in Self.shortenings(name) { shortened[key, default: []].append(name) }
        }
        (self.domains, self.names, self.shortened) = (known, names, shortened)
    }

    /// Whether the host is one of the domains or below one.
    ///
    /// - Parameter host: as a link's ``Contact/value`` has it.
    package func contains(_ host: String) -> Bool {
        var rest = host[...]
        while !rest.isEmpty {
            if domains.contains(String(rest)) { return true }
            guard let dot = rest.firstIndex(of: ".") else { return false }
            rest = rest[rest.index(after: dot)...]
        }
        return false
    }

    /// Whether the host is none of the domains nor below one, and looks like one: the same to the eye, under another ending,
    /// one letter different in names of five or more, with a word added, or as a part before another domain.
    package func hasLookalike(of host: String) -> Bool {
        guard !names.isEmpty, !contains(host) else { return false }
        let name = Self.name(host)
        if isLike(Self.skeleton(name)) { return true }
        if name.contains("-"), name.split(separator: "-").contains(where: { isSame(String($0)) }) { return true }
        let labels = host.split(separator: ".")
        return labels.dropLast().contains { $0 != name && isSame(String($0)) }
            || labels.dropLast().contains {
                $0.contains("-") && $0.split(separator: "-").contains { isSame(String($0)) }
            }
    }

    private func isSame(_ label: String) -> Bool { names.contains(Self.skeleton(label)) }

    private func isLike(_ name: String) -> Bool {
        if names.contains(name) || hasAddedWord(name) { return true }
        guard name.utf8.count >= 4 else { return false }
        let candidates = [name] + Self.shortenings(name)
        for key in candidates {
            if let near = shortened[key], near.contains(where: { Self.isOneEdit($0, name) }) { return true }
            if key.count >= 5, names.contains(key) { return true }
        }
        return false
    }

    /// `paypalsecure`, `loginpaypal`.
    private func hasAddedWord(_ name: String) -> Bool {
        Self.addedWords.contains { word in
            name.hasPrefix(word) && names.contains(String(name.dropFirst(word.count)))
                || name.hasSuffix(word) && names.contains(String(name.dropLast(word.count)))
        }
    }

    private static let addedWords = [
        "secure", "security", "login", "signin", "verify", "support", "account", "help", "pay", "payment", "official",
        "service", "update", "online", "team", "app", "web", "my", "info", "delivery", "confirm", "safe",
    ].map(skeleton)

    /// The label before the public suffix, taken for one label, or two such as `co.uk`.
    private static func name(_ host: String) -> String {
        let labels = host.split(separator: ".")
        guard labels.count >= 2 else { return host }
        let isTwo =
            labels.count >= 3 && labels[labels.count - 1].count == 2
            && suffixes.contains(String(labels[labels.count - 2]))
        return String(labels[labels.count - (isTwo ? 3 : 2)])
    }

    private static let suffixes: Set<String> = [
        "co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob", "nom",
    ]

    /// A label as it looks to the eye: look-alikes replaced, and digits and pairs that pass for letters.
    private static func skeleton(_ label: String) -> String {
        var normalised: [UInt8] = []
        if label.utf8.allSatisfy({ $0 < 128 }) {
            normalised = Array(label.utf8)
        } else {
            // An ASCII letter beside it makes every look-alike count.
            normalised = NormalisedText("a" + label).bytes.dropFirst().map(ASCIITable.lower)
        }
        var text = String(decoding: normalised, as: UTF8.self)
        for (pair, letter) in [("rn", "m"), ("vv", "w"), ("cl", "d")] { text = text.replacing(pair, with: letter) }
        return String(
            decoding: text.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "0"): UInt8(ascii: "o")
                case UInt8(ascii: "1"), UInt8(ascii: "i"), UInt8(ascii: "|"): UInt8(ascii: "l")
                case UInt8(ascii: "3"): UInt8(ascii: "e")
                case UInt8(ascii: "4"): UInt8(ascii: "a")
                case UInt8(ascii: "5"): UInt8(ascii: "s")
                case UInt8(ascii: "7"): UInt8(ascii: "t")
                default: byte
                }
            },
            as: UTF8.self
        )
    }

    private static func shortenings(_ name: String) -> [String] {
        // Names are at most 63 bytes; what is longer is no host.
        guard name.utf8.count <= 63 else { return [] }
        return name.indices.map { index in String(name[..<index] + name[name.index(after: index)...]) }
    }

    /// One letter put in, left out or replaced, or two neighbours exchanged.
    private static func isOneEdit(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left), Array(right))
        guard abs(a.count - b.count) <= 1, min(a.count, b.count) >= 4 else { return false }
        var (start, end) = (0, 0)
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        let (restA, restB) = (a.count - start - end, b.count - start - end)
        if restA <= 1, restB <= 1 { return true }
        return restA == 2 && restB == 2 && a[start] == b[start + 1] && a[start + 1] == b[start]
    }
}

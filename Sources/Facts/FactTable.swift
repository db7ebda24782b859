/// What is known of the things that were asked for.
package struct FactTable: Sendable {
    /// What one source answered.
    enum Finding: Sendable, Hashable {
        case found(FactRecord)
        case missing
        case unavailable(reason: String)
    }

    /// By thing, in the order of precedence.
    private var findings: [FactKey: [(origin: FactOrigin, finding: Finding)]] = [:]

    package init(keys: Set<FactKey>) {
        findings.reserveCapacity(keys.count)
        for key in keys { findings[key] = [] }
    }

    /// How many things were asked for.
    package var count: Int { findings.count }

    package func wasAsked(for key: FactKey) -> Bool { findings[key] != nil }

    /// Takes over what is known of other things.
    package mutating func merge(_ other: FactTable) { findings.merge(other.findings) { $1 } }

    /// To be called in the order of precedence.
    mutating func add(_ finding: Finding, of key: FactKey, from origin: FactOrigin) {
        findings[key]?.append((origin, finding))
    }

    /// One field of one thing: the first source that has it decides, unless one before it could not be asked.
    package subscript(_ key: FactKey, _ field: String) -> Fact {
        guard let findings = findings[key] else { return .unavailable(reason: "it was not asked for") }
        for (_, finding) in findings {
            switch finding {
            case .found(let record): if let value = record.fields[field] { return .value(value) }
            case .missing: continue
            case .unavailable(let reason): return .unavailable(reason: reason)
            }
        }
        return .missing
    }

    /// Every field of a thing that is certain, with the source that decided it, by name.
    package func fields(of key: FactKey) -> [(name: String, value: FactValue, origin: FactOrigin)] {
        var known: [String: (value: FactValue, origin: FactOrigin)] = [:]
        for (origin, finding) in findings[key] ?? [] {
            if case .unavailable = finding { break }
            guard case .found(let record) = finding else { continue }
            known.merge(record.fields.mapValues { ($0, origin) }) { first, _ in first }
        }
        return known.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value, $0.value.origin) }
    }

    /// Whether any source has the thing.
    package func isKnown(_ key: FactKey) -> Bool {
        (findings[key] ?? []).contains { if case .found = $0.finding { true } else { false } }
    }

    /// The sources that could not be asked about a thing, and why.
    package func unavailable(for key: FactKey) -> [(origin: FactOrigin, reason: String)] {
        (findings[key] ?? []).compactMap { origin, finding in
            if case .unavailable(let reason) = finding { (origin, reason) } else { nil }
        }
    }
}

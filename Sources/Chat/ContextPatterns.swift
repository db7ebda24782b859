/// Reads business context from channel ids by patterns such as `listing_{listing_id}_{buyer_id}_{seller_id}`.
///
/// A placeholder takes one or more characters. An id that a pattern matches in two ways, as ids with the separator in
/// them do, gives no context: a wrong listing is worse than none.
package struct ContextPatterns: Sendable {
    package struct Fault: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private enum Part: Sendable, Equatable {
        case literal([UInt8])
        case placeholder(BusinessContext.Kind)
    }

    /// Longer ids are not matched: the provider's own limit, and a bound on the work a hostile id can cause.
    private static let longestID = 255

    private let patterns: [[Part]]

    package static let standard = [
        "listing_{listing_id}_{buyer_id}_{seller_id}", "event-{event_id}", "artist-{artist_id}", "venue-{venue_id}",
        "ticket-{ticket_id}",
    ]

    /// - Throws: ``Fault`` naming the pattern, what is wrong with it and what is allowed.
    package init(_ patterns: [String] = standard) throws(Fault) {
        var parsed: [[Part]] = []
        for pattern in patterns { parsed.append(try Self.parse(pattern)) }
        self.patterns = parsed
    }

    /// The context of the first pattern that matches; empty when none does or one matches ambiguously.
    package func context(ofChannelID id: String) -> BusinessContext {
        let found = firstMatches(id)
        return found.count == 1 ? found[0] : BusinessContext()
    }

    /// Whether the first pattern that the id fits is fitted in more than one way.
    package func isAmbiguous(channelID id: String) -> Bool { firstMatches(id).count > 1 }

    /// The ids of channels that are about a thing of this kind, by patterns that need nothing else.
    package func channelIDs(ofKind kind: BusinessContext.Kind, _ id: String) -> [String] {
        patterns.compactMap { pattern in
            let kinds = pattern.compactMap { if case .placeholder(let kind) = $0 { kind } else { nil } }
            guard kinds == [kind] else { return nil }
            let bytes = pattern.flatMap { if case .literal(let text) = $0 { text } else { Array(id.utf8) } }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func firstMatches(_ id: String) -> [BusinessContext] {
        let bytes = Array(id.utf8)
        guard bytes.count <= Self.longestID else { return [] }
        for pattern in patterns {
            var found: [BusinessContext] = []
            Self.match(pattern[...], bytes[...], BusinessContext(), &found)
            if !found.isEmpty { return found }
        }
        return []
    }

    private static func match(
        _ parts: ArraySlice<Part>,
        _ bytes: ArraySlice<UInt8>,
        _ taken: BusinessContext,
        _ found: inout [BusinessContext]
    ) {
        guard found.count < 2 else { return }
        guard let part = parts.first else {
            if bytes.isEmpty { found.append(taken) }
            return
        }
        switch part {
        case .literal(let literal):
            guard bytes.starts(with: literal) else { return }
            match(parts.dropFirst(), bytes.dropFirst(literal.count), taken, &found)
        case .placeholder(let kind):
            if parts.count == 1 {
                guard !bytes.isEmpty else { return }
                var taken = taken
                taken[kind] = String(decoding: bytes, as: UTF8.self)
                found.append(taken)
                return
            }
            guard case .literal(let next) = parts[parts.startIndex + 1] else { return }
            for end in bytes.indices.dropFirst() where bytes[end...].starts(with: next) {
                var taken = taken
                taken[kind] = String(decoding: bytes[..<end], as: UTF8.self)
                match(parts.dropFirst(), bytes[end...], taken, &found)
            }
        }
    }

    private static func parse(_ pattern: String) throws(Fault) -> [Part] {
        var parts: [Part] = []
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "{") {
                guard let close = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    throw Fault(description: "channel pattern '\(pattern)': '{' without '}'")
                }
                let name = String(decoding: rest[(rest.startIndex + 1)..<close], as: UTF8.self)
                guard let kind = BusinessContext.Kind.allCases.first(where: { $0.field == name }) else {
                    let known = BusinessContext.Kind.allCases.map { "{\($0.field)}" }.joined(separator: ", ")
                    throw Fault(description: "channel pattern '\(pattern)': unknown {\(name)}; known are \(known)")
                }
                if case .placeholder? = parts.last {
                    throw Fault(description: "channel pattern '\(pattern)': two placeholders need text between them")
                }
                if parts.contains(.placeholder(kind)) {
                    throw Fault(description: "channel pattern '\(pattern)': {\(name)} occurs twice")
                }
                parts.append(.placeholder(kind))
                rest = rest[(close + 1)...]
            } else {
                let end = rest.firstIndex(of: UInt8(ascii: "{")) ?? rest.endIndex
                parts.append(.literal(Array(rest[..<end])))
                rest = rest[end...]
            }
        }
        guard parts.contains(where: { if case .placeholder = $0 { true } else { false } }) else {
            throw Fault(description: "channel pattern '\(pattern)': no placeholder such as {listing_id}")
        }
        return parts
    }
}

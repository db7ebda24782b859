package import Limits

/// Finds every occurrence of many terms in one pass over a text's bytes.
///
/// An Aho–Corasick automaton whose states are numbered level by level, from the root. The first of them have a row with a
/// way on for every class of bytes, as a deterministic automaton has; those beyond ``Limits/Rules/denseBytes`` have
/// only the trie's own ways and a shorter state to fall back to, so that 100,000 terms fit into a few megabytes. A byte costs
/// constant time on average over the text either way.
/// Source: Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18 (6), 1975.
package struct TermAutomaton: Sendable {
    private let table: TermTable
    private let matchesPerText: Int

    /// - Throws: every term that is at fault, with the reason.
    package init(_ terms: [Term], limits: Limits.Rules = Limits.Rules()) throws(TermError) {
        let faults = Self.faults(of: terms, limits: limits)
        guard faults.isEmpty else { throw TermError(faults: faults) }
        table = TermTable(terms, denseBytes: limits.denseBytes)
        matchesPerText = limits.matchesPerText
    }

    /// What the automaton takes, in bytes.
    package var byteCount: Int { table.byteCount }

    /// Finds all terms in `text`, overlapping ones too.
    ///
    /// - Parameters:
    ///   - edges: where whole words may begin and end; `nil` reads it off the text.
    ///   - matches: what was in it is gone afterwards; its memory is used again.
    package func matches(in text: Span<UInt8>, edges: WordEdges? = nil, into matches: inout TermMatches) {
        matches.clear()
        let (classes, dense) = (table.classes.span, table.dense.span)
        var place = 0
        for index in 0..<text.count {
            // Sound by construction: a byte has a class, and a place within `dense` is where a row for every class begins.
            let symbol = classes[unchecked: Int(text[unchecked: index])]
            let next =
                place < dense.count
                ? dense[unchecked: place &+ Int(symbol)]
                : table.next(afterPlace: place, by: symbol)
            place = Int(next >> 1)
            if next & 1 == 1, !report(table.output(at: place), endingAt: index + 1, in: text, edges, to: &matches) {
                return
            }
        }
    }

    /// Reports what ends here: false when there were too many matches.
    @inline(never)
    private func report(
        _ outputs: TermTable.Outputs,
        endingAt end: Int,
        in text: Span<UInt8>,
        _ edges: WordEdges?,
        to matches: inout TermMatches
    ) -> Bool {
        let entries = table.outputs.span
        var output = outputs.anywhere
        while output != 0 {
            let entry = entries[Int(output)]
            guard add(entry, endingAt: end, to: &matches) else { return false }
            output = entry.shorter
        }
        output = outputs.wholeWord
        guard output != 0, Self.isEdge(end, in: text, edges) else { return true }
        while output != 0 {
            let entry = entries[Int(output)]
            if Self.isEdge(end - Int(entry.byteCount), in: text, edges) {
                guard add(entry, endingAt: end, to: &matches) else { return false }
            }
            output = entry.shorter
        }
        return true
    }

    private func add(_ entry: TermTable.Output, endingAt end: Int, to matches: inout TermMatches) -> Bool {
        for place in entry.ids {
            guard matches.found.count < matchesPerText else {
                matches.isComplete = false
                return false
            }
            let id = table.ids[Int(place)]
            matches.found.append(TermMatch(id: id, start: UInt32(end) - entry.byteCount, end: UInt32(end)))
        }
        return true
    }

    private static func isEdge(_ offset: Int, in text: Span<UInt8>, _ edges: WordEdges?) -> Bool {
        edges.map { $0.contains(offset) } ?? WordEdges.isEdge(offset, in: text)
    }

    private static func faults(of terms: [Term], limits: Limits.Rules) -> [TermFault] {
        var faults: [TermFault] = []
        var total = 0
        for (index, term) in terms.enumerated() {
            total += term.bytes.count
            if let reason = reason(against: term, at: index, total: total, limits: limits) {
                faults.append(TermFault(index: index, reason: reason))
            }
        }
        return faults
    }

    /// - Parameter total: the bytes of all terms up to this one.
    private static func reason(
        against term: Term,
        at index: Int,
        total: Int,
        limits: Limits.Rules
    ) -> TermFault.Reason? {
        let count = term.bytes.count
        if count == 0 { return .empty }
        if count > limits.termBytes { return .tooLong(bytes: count, limit: limits.termBytes) }
        if index == limits.terms { return .tooMany(limit: limits.terms) }
        let isFirstBeyond = total > limits.termsBytes && total - count <= limits.termsBytes
        return isFirstBeyond ? .tooLargeTogether(limit: limits.termsBytes) : nil
    }
}

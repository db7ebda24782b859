import Limits

@testable import Rules

/// Finds terms the slow way: every term at every place, and edges by walking over the text's scalars.
struct NaiveTerms {
    let terms: [Term]

    /// In the order of ends, then starts, then of the terms.
    func matches(in text: [UInt8]) -> [TermMatch] {
        // Texts that are not UTF-8 come with no whole words.
        let edges = terms.contains { $0.mode == .wholeWord } ? Self.edges(of: text) : []
        let longest = terms.map(\.bytes.count).max() ?? 0
        var found: [TermMatch] = []
        for end in 1..<text.count + 1 {
            for start in max(0, end - longest)..<end {
                for term in terms where term.bytes.elementsEqual(text[start..<end]) {
                    if term.mode == .wholeWord, !(edges[start] && edges[end]) { continue }
                    found.append(TermMatch(id: term.id, start: UInt32(start), end: UInt32(end)))
                }
            }
        }
        return found
    }

    /// For every offset of a text in UTF-8, whether a word may begin or end there.
    static func edges(of text: [UInt8]) -> [Bool] {
        var edges = [Bool](repeating: false, count: text.count + 1)
        var (offset, isAfterWord) = (0, false)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            let isWord = isPartOfWord(scalar)
            edges[offset] = !(isAfterWord && isWord)
            (offset, isAfterWord) = (offset + UTF8.width(scalar), isWord)
        }
        edges[0] = true
        edges[text.count] = true
        return edges
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if (0x4E00...0x9FFF).contains(scalar.value) || (0x0E00...0x0E7F).contains(scalar.value) { return false }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }
}

extension TermMatch {
    /// By end, start and term: an automaton gives longer matches first, and modes apart.
    static func precedes(_ left: Self, _ right: Self) -> Bool {
        (left.end, left.start, left.id) < (right.end, right.start, right.id)
    }
}

extension TermAutomaton {
    func found(in text: [UInt8], edges: WordEdges? = nil) -> TermMatches {
        var matches = TermMatches()
        self.matches(in: text.span, edges: edges, into: &matches)
        return matches
    }

    func found(in text: String) -> TermMatches { found(in: Array(text.utf8)) }
}

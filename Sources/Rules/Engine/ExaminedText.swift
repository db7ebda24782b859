import Chat
import Limits

/// The text of the message being looked at: folded, searched and measured when first asked.
///
/// For one thread; the next text takes the place of the last.
final class ExaminedText {
    private let patterns: CompiledPatterns
    private let folder: TextFolder
    private var text = ""
    private var isFolded = false
    private var areTermsKnown = false
    private var areExpressionsKnown = false
    /// By term: how often it was found, as far as places are kept.
    private var termCounts: [UInt8]
    /// There were more matches than are looked at.
    private var isFlooded = false
    private(set) var termIDs: [Int] = []
    private var termMatches: [(id: Int, range: Range<Int>)] = []
    private var hasExpression: [Bool]
    private var expressionIDs: [Int] = []
    private var found = TermMatches()
    private var hits = ExpressionHits()
    private var knownContacts: [Contact]?

    init(_ patterns: CompiledPatterns, _ limits: Limits.Rules) {
        self.patterns = patterns
        folder = TextFolder(limits: limits)
        termCounts = [UInt8](repeating: 0, count: patterns.table.terms.count)
        hasExpression = [Bool](repeating: false, count: patterns.table.expressions.count)
    }

    func begin(_ text: String) {
        self.text = text
        for id in termIDs { termCounts[id] = 0 }
        for id in expressionIDs { hasExpression[id] = false }
        termIDs.removeAll(keepingCapacity: true)
        termMatches.removeAll(keepingCapacity: true)
        expressionIDs.removeAll(keepingCapacity: true)
        (isFolded, areTermsKnown, areExpressionsKnown, knownContacts) = (false, false, false, nil)
        isFlooded = false
    }

    // MARK: Patterns

    var foundTerms: [Int] {
        searchTerms()
        return termIDs
    }

    var foundExpressions: [Int] {
        searchExpressions()
        return expressionIDs
    }

    /// Whether any term was found, or may have been.
    var hasTerms: Bool {
        searchTerms()
        return !termIDs.isEmpty || isFlooded
    }

    var hasExpressions: Bool {
        searchExpressions()
        return !expressionIDs.isEmpty
    }

    func has(term id: Int) -> Bool {
        searchTerms()
        return termCounts[id] > 0
    }

    /// Unknown where none was found before the search was given up.
    func has(oneOf ids: [Int]) -> Truth {
        searchTerms()
        for id in termIDs where ids.holds(id) { return .yes }
        return isFlooded ? .unknown : .no
    }

    /// For people; `nil` where all was looked at.
    var floodNote: String? {
        guard isFlooded else { return nil }
        return "the text holds more than \(patterns.limits.matchesPerText) matches; the rest was not looked at"
    }

    func has(expression id: Int) -> Bool {
        searchExpressions()
        return hasExpression[id]
    }

    /// In the raw text, each once, in the order in which the terms were found.
    func matches(oneOf ids: [Int]) -> [Decision.Match] {
        searchTerms()
        return termIDs.filter(ids.holds).flatMap(matches(term:))
    }

    /// In the raw text, each once.
    private func matches(term id: Int) -> [Decision.Match] {
        guard has(term: id) else { return [] }
        var matches: [Decision.Match] = []
        for match in termMatches where match.id == id {
            let found = Decision.Match(
                pattern: patterns.table.terms[id].text,
                from: match.range.lowerBound,
                to: match.range.upperBound
            )
            if !matches.contains(found) { matches.append(found) }
        }
        return matches
    }

    /// The first places in the raw text.
    func matches(expression id: Int) -> [Decision.Match] {
        guard has(expression: id) else { return [] }
        let expression = patterns.table.expressions[id]
        let compiled = expression.isRaw ? patterns.rawExpressions : patterns.foldedExpressions
        guard let compiled, let place = compiled.places[id] else { return [] }
        let bytes = searched(expression.isRaw ? folder.raw : folder.folded.bytes)
        var (matches, start): ([Decision.Match], Int) = ([], 0)
        while matches.count < patterns.limits.matchesPerLeaf,
            let range = compiled.set.firstMatch(of: place, in: bytes.span, from: start), !range.isEmpty
        {
            let raw = expression.isRaw ? range : folder.raw(of: range, in: .folded)
            matches.append(Decision.Match(pattern: expression.source, from: raw.lowerBound, to: raw.upperBound))
            start = range.upperBound
        }
        return matches
    }

    private func fold() {
        guard !isFolded else { return }
        isFolded = true
        folder.fold(text)
    }

    private func searchTerms() {
        guard !areTermsKnown else { return }
        areTermsKnown = true
        fold()
        if let automaton = patterns.folded {
            automaton.matches(in: folder.folded.bytes.span, into: &found)
            note(in: .folded)
        }
        if folder.isDisguised, let automaton = patterns.revealed {
            automaton.matches(in: folder.revealed.bytes.span, into: &found)
            note(in: .revealed)
        }
        if let automaton = patterns.raw {
            automaton.matches(in: folder.raw.span, into: &found)
            note(in: nil)
        }
    }

    /// - Parameter form: `nil` is the raw text.
    private func note(in form: TextFolder.Form?) {
        if !found.isComplete { isFlooded = true }
        for match in found.found {
            let id = Int(match.id)
            if termCounts[id] == 0 { termIDs.append(id) }
            // Further places of the same term are told by none.
            guard Int(termCounts[id]) < min(patterns.limits.matchesPerLeaf, 255) else { continue }
            termCounts[id] += 1
            termMatches.append((id, form.map { folder.raw(of: match.range, in: $0) } ?? match.range))
        }
    }

    private func searchExpressions() {
        guard !areExpressionsKnown else { return }
        areExpressionsKnown = true
        fold()
        func search(_ compiled: CompiledPatterns.NumberedExpressions?, _ bytes: UnsafeBufferPointer<UInt8>) {
            guard let compiled else { return }
            compiled.set.matches(in: searched(bytes).span, into: &hits)
            for place in 0..<hits.count {
                let id = compiled.numbers[hits[place]]
                hasExpression[id] = true
                expressionIDs.append(id)
            }
        }
        search(patterns.foldedExpressions, folder.folded.bytes)
        search(patterns.rawExpressions, folder.raw)
    }

    /// The part that expressions are sought in, whole characters.
    private func searched(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var end = patterns.limits.expressionTextBytes
        guard end < bytes.count else { return bytes }
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[..<end])
    }

    // MARK: What is in it

    func measure(_ measure: Measure) -> Double {
        fold()
        return folder.value(of: measure) ?? 0
    }

    /// Whether a link is as asked.
    func has(_ question: LinkQuestion) -> Bool {
        contacts.contains { $0.kind == .link && question.holds(for: $0.value) }
    }

    /// The links that are as asked, and no others: what is masked.
    func matches(_ question: LinkQuestion) -> [Decision.Match] {
        contacts.filter { $0.kind == .link && question.holds(for: $0.value) }.map(Decision.Match.init)
    }

    /// Where what is measured stands in the raw text; nowhere for what is no part of it.
    func parts(_ measure: Measure) -> [Decision.Match] {
        let kinds: Set<Contact.Kind>
        switch measure {
        case .links: kinds = [.link]
        case .emails: kinds = [.email]
        case .phones: kinds = [.phone]
        case .handles: kinds = [.handle]
        case .contacts: kinds = [.email, .phone, .handle]
        case .money: kinds = [.money]
        default: return []
        }
        return contacts.filter { kinds.contains($0.kind) }.map(Decision.Match.init)
    }

    private var contacts: [Contact] {
        if let known = knownContacts { return known }
        fold()
        let contacts = folder.contacts
        knownContacts = contacts
        return contacts
    }

    // MARK: Likeness

    var likeness: TextLikeness {
        fold()
        return TextLikeness(folder.folded)
    }
}

extension [Int] {
    /// Of numbers in ascending order.
    fileprivate func holds(_ number: Int) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == number
    }
}

extension Decision.Match {
    fileprivate init(_ contact: Contact) {
        self.init(pattern: contact.kind.rawValue, from: contact.range.lowerBound, to: contact.range.upperBound)
    }
}

import Limits

/// Every term and expression of a rule set, ready to be looked for.
struct CompiledPatterns: Sendable {
    let table: PatternTable
    let limits: Limits.Rules
    /// Terms as they stand in the folded form, and in the one seen through disguises.
    let folded: TermAutomaton?
    let revealed: TermAutomaton?
    let raw: TermAutomaton?
    /// Expressions over the folded form and over the raw text, with their numbers in the table.
    let foldedExpressions: NumberedExpressions?
    let rawExpressions: NumberedExpressions?

    struct NumberedExpressions: Sendable {
        let set: ExpressionSet
        /// In the table, by the place in the set.
        let numbers: [Int]
        /// The other way.
        let places: [Int: Int]
    }

    init(_ table: PatternTable, _ limits: Limits.Rules) throws(PatternFault) {
        (self.table, self.limits) = (table, limits)
        var (folded, revealed, raw): ([Term], [Term], [Term]) = ([], [], [])
        let folder = TextFolder(limits: limits)
        for (number, term) in table.terms.enumerated() {
            let (id, mode) = (UInt32(number), term.isWord ? Term.Mode.wholeWord : .anywhere)
            guard !term.isRaw else {
                raw.append(Term(Array(term.text.utf8), id: id, mode: mode))
                continue
            }
            let spellings = FoldedTerm(term.text, using: folder)
            folded += spellings.folded.map { Term($0, id: id, mode: mode) }
            let others = spellings.revealed.filter { !spellings.folded.contains($0) }
            revealed += (spellings.folded + others).map { Term($0, id: id, mode: mode) }
        }
        self.folded = try Self.automaton(folded, limits)
        self.revealed = try Self.automaton(revealed, limits)
        self.raw = try Self.automaton(raw, limits)
        // Each set remembers on its own: together no more than one may.
        var share = limits
        share.expressionSetBytes /= Int64(max(1, Set(table.expressions.map(\.isRaw)).count))
        foldedExpressions = try Self.expressions(table, isRaw: false, share)
        rawExpressions = try Self.expressions(table, isRaw: true, share)
    }

    private static func automaton(_ terms: [Term], _ limits: Limits.Rules) throws(PatternFault) -> TermAutomaton? {
        guard !terms.isEmpty else { return nil }
        do throws(TermError) { return try TermAutomaton(terms, limits: limits) } catch {
            throw PatternFault(description: error.description)
        }
    }

    private static func expressions(
        _ table: PatternTable,
        isRaw: Bool,
        _ limits: Limits.Rules
    ) throws(PatternFault) -> NumberedExpressions? {
        let numbers = table.expressions.indices.filter { table.expressions[$0].isRaw == isRaw }
        guard !numbers.isEmpty else { return nil }
        // A folded text has no capitals: an expression that names some means the letters.
        let sources = numbers.map { RuleExpression(table.expressions[$0].source, ignoresCase: !isRaw) }
        return NumberedExpressions(
            set: try ExpressionSet(compiling: sources, limits),
            numbers: numbers,
            places: Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($0.element, $0.offset) })
        )
    }
}

/// Terms or expressions that cannot be looked for, with what is wrong with each.
package struct PatternFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
}

extension ExpressionSet {
    init(compiling sources: [RuleExpression], _ limits: Limits.Rules) throws(PatternFault) {
        do throws(ExpressionSetError) { try self.init(sources, limits: limits) } catch {
            throw PatternFault(description: error.description)
        }
    }

    /// Whether one of them is found anywhere in the text.
    ///
    /// - Parameter most: of the text, in bytes; what follows is not searched.
    func matchesAny(in text: String, most: Int) -> Bool {
        var hits = ExpressionHits()
        let part = text.utf8.count <= most ? text : String(decoding: text.utf8.prefix(most), as: UTF8.self)
        matches(in: part.utf8Span.span, into: &hits)
        return hits.count > 0
    }
}

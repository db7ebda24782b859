/// One occurrence of a term.
package struct TermMatch: Sendable, Equatable {
    package let id: UInt32
    /// In bytes of the text.
    package let start: UInt32
    package let end: UInt32

    package var range: Range<Int> { Int(start)..<Int(end) }
}

/// The occurrences of terms in one text; one for each thread, used again from text to text.
package struct TermMatches: Sendable {
    /// In the order of their ends.
    package internal(set) var found: [TermMatch] = []
    /// False when the search stopped at ``Limits/Rules/matchesPerText``: there may be more.
    package internal(set) var isComplete = true

    package init() {}

    mutating func clear() {
        found.removeAll(keepingCapacity: true)
        isComplete = true
    }
}

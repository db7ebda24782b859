/// A word, phrase or part of a word to look for, byte by byte.
package struct Term: Sendable, Equatable {
    package enum Mode: Sendable {
        /// Only where a word begins and one ends: see ``WordEdges``.
        case wholeWord
        case anywhere
    }

    /// Folded as the texts are in which it is sought.
    package var bytes: [UInt8]
    /// What matches name; several terms may share one, and the same bytes may stand there with several.
    package var id: UInt32
    package var mode: Mode

    package init(_ bytes: [UInt8], id: UInt32, mode: Mode) { (self.bytes, self.id, self.mode) = (bytes, id, mode) }
}

/// Why a term is not taken.
package struct TermFault: Error, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case empty
        /// More than ``Limits/Rules/termBytes``.
        case tooLong(bytes: Int, limit: Int)
        /// It is the first beyond ``Limits/Rules/terms``.
        case tooMany(limit: Int)
        /// It is the first beyond ``Limits/Rules/termsBytes``.
        case tooLargeTogether(limit: Int)
    }

    /// Its number in what was to be built.
    package let index: Int
    package let reason: Reason

    package var description: String {
        switch reason {
        case .empty: "nothing is left of the term once it is folded; remove it, or look for it in the text as written"
        case .tooLong(let bytes, let limit): "a term of \(bytes) bytes, and \(limit) are allowed; shorten it"
        case .tooMany(let limit): "more than \(limit) terms; remove some"
        case .tooLargeTogether(let limit): "all terms together have more than \(limit) bytes; remove some"
        }
    }
}

/// All that is wrong with terms that were to be searched for together.
package struct TermError: Error, Equatable, CustomStringConvertible {
    /// In the order of the terms; never empty.
    package let faults: [TermFault]

    package var description: String { faults.map { "term \($0.index + 1): \($0.description)" }.joined(separator: "\n") }
}

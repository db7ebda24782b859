/// Something about the audit trail that neither this program nor an erasure leaves behind.
package struct AuditFault: Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// Entries between two others are not there.
        case gap
        /// Entries that a head noted elsewhere has seen are no longer there.
        case missingTail = "missing_tail"
        /// An entry is not what its hash was made of.
        case altered
        /// A value is not what was committed to.
        case alteredValue = "altered_value"
        /// An entry does not continue the one before it.
        case brokenLink = "broken_link"
        /// The entry at the place of a noted head is another than it was.
        case otherHistory = "other_history"
        /// A document that is no entry.
        case stray
        /// More values are gone than erasures have removed.
        case removedValues = "removed_values"
    }

    package let kind: Kind
    /// The entry's place; 0 where it concerns none.
    package let sequence: Int64
    package let detail: String

    init(_ kind: Kind, at sequence: Int64, _ detail: String) {
        (self.kind, self.sequence, self.detail) = (kind, sequence, detail)
    }

    package var description: String { "entry \(sequence): \(detail)" }
}

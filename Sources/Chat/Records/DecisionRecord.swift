/// A decision as it is stored: what stands, and what stood before a late event changed it.
package struct DecisionRecord: Sendable, Equatable {
    /// See ``Decision/Subject/decisionID``.
    package let id: String
    /// `nil` where a late event took back what had been decided.
    package var decision: Decision?
    /// When it was decided, by our clock; what is decided again keeps its first.
    package var decidedAt: Timestamp
    /// The event was too old for anything to be carried out.
    package var isLate: Bool
    /// Earlier ones, the last at the end.
    package var superseded: [Decision]

    package init(
        id: String,
        decision: Decision?,
        decidedAt: Timestamp,
        isLate: Bool,
        superseded: [Decision] = []
    ) {
        (self.id, self.decision, self.decidedAt) = (id, decision, decidedAt)
        (self.isLate, self.superseded) = (isLate, superseded)
    }
}

extension Decision.Subject {
    /// The same for every event of this type that tells of the same version of the same thing.
    package var decisionID: String {
        [type.rawValue, entity, "\(version)"]
            .map { $0.replacing("%", with: "%25").replacing("/", with: "%2F") }.joined(separator: "/")
    }
}

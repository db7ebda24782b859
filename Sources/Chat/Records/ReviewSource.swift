import Limits

/// One reason for moderators to look at something: a user's report, a rule, the provider's own review queue.
package struct ReviewSource: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A user told the app.
        case report
        /// A user told the provider.
        case flag
        /// A rule flagged or held it.
        case rule
        /// The provider's review queue holds it.
        case provider
        /// A moderator flagged it, or wants it looked at again.
        case moderator
        /// Nothing speaks against it: one of a small sample, so that it is known what is missed.
        case audit

        /// Whether ``ReviewSource/by`` is a user.
        package var isPersons: Bool { self == .report || self == .flag || self == .moderator }

        /// A user who complains: how many do makes it graver.
        package var isComplaint: Bool { self == .report || self == .flag }

        /// Where the source names none.
        fileprivate var usualSeverity: Severity { isComplaint || self == .audit ? .low : .medium }
    }

    package let kind: Kind
    /// The user, the rule, or the provider's item; empty where nobody is named.
    package var by: String
    /// Orders what the same source says at different times.
    package var stamp: Stamp
    /// When it gave reason to look: what is older than a decision is decided by it.
    package var time: Timestamp
    package var reason: String?
    package private(set) var labels: [String]
    package var statedSeverity: Severity?
    /// Of an item of the provider: when it was last marked as reviewed there, maybe in answer to a decision made here.
    package var markedAt: Timestamp?

    /// - Parameter time: where it is not the stamp's.
    package init(
        _ kind: Kind,
        by: String,
        at stamp: Stamp,
        time: Timestamp? = nil,
        reason: String? = nil,
        labels: [String] = [],
        severity: Severity? = nil
    ) {
        let limits = Limits.Review()
        (self.kind, self.by, self.stamp, statedSeverity) = (kind, by, stamp, severity)
        self.time = time ?? stamp.time
        self.reason = reason.map { String($0.prefix(limits.reasonCharacters)) }
        self.labels = Self.bounded(labels.filter { 1...limits.labelBytes ~= $0.utf8.count })
    }

    package var severity: Severity { statedSeverity ?? kind.usualSeverity }

    func isSame(as other: ReviewSource) -> Bool { (kind, by) == (other.kind, other.by) }

    /// What an erased user had to say goes with the name.
    mutating func replaceUsers(_ name: (String) -> String) {
        guard kind.isPersons, name(by) != by else { return }
        (by, reason) = (name(by), nil)
    }

    /// What people said; a rule's words are nobody's.
    mutating func forgetReason() { if kind.isPersons { reason = nil } }

    func precedes(_ other: ReviewSource) -> Bool {
        (stamp, kind.rawValue, by) < (other.stamp, other.kind.rawValue, other.by)
    }

    /// Keeps what was said last.
    ///
    /// Of rules and of the provider every label too, since a later word is often a shorter one; people's sources are too many to
    /// be remembered all, so of those a label that is gone must be gone in any order.
    mutating func merge(_ other: ReviewSource) {
        let marked = [markedAt, other.markedAt].compactMap(\.self).max()
        defer { markedAt = marked }
        let labels = kind.isPersons && stamp != other.stamp ? nil : Self.bounded(labels + other.labels)
        if other.stamp > stamp { self = other }
        if let labels { self.labels = labels }
    }

    /// The first by name: whichever come, in whatever order, the same ones remain.
    private static func bounded(_ labels: [String]) -> [String] {
        labels.isEmpty ? [] : Array(Set(labels).sorted().prefix(Limits.Review().labels))
    }
}

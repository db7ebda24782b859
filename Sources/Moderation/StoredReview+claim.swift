package import Chat
package import History
package import Limits

/// Who may decide about an item, and for how long.
///
/// Pure.
extension StoredReview {
    /// Claims the item, or goes on holding it.
    ///
    /// - Parameters:
    ///   - seconds: from `now`.
    ///   - token: of the claim, unless the moderator holds one.
    package mutating func claim(
        by moderator: String,
        seconds: Int,
        token: String,
        at now: Timestamp
    ) throws(ReviewRefusal) -> ReviewClaim {
        guard record.isOpen else { throw .decided(desk.decisions.last) }
        let held = desk.claim.flatMap { $0.holds(at: now) ? $0 : nil }
        if let held, held.by != moderator { throw .claimed(by: held.by, until: held.until) }
        let until = Timestamp(nanoseconds: now.nanoseconds + Int64(seconds) * 1_000_000_000)
        let claim = ReviewClaim(by: moderator, token: held?.token ?? token, until: until.roundedDownToMilliseconds)
        desk.claim = claim
        return claim
    }

    /// Gives a claim up; that of another holds.
    package mutating func release(by moderator: String, at now: Timestamp) throws(ReviewRefusal) {
        guard let claim = desk.claim else { return }
        if claim.by != moderator, claim.holds(at: now) { throw .claimed(by: claim.by, until: claim.until) }
        desk.claim = nil
    }

    package mutating func note(
        _ text: String,
        by moderator: String,
        at now: Timestamp,
        _ limits: Limits.Review
    ) throws(ReviewRefusal) {
        guard desk.notes.count < limits.notes else { throw .tooManyNotes(limits.notes) }
        desk.notes.append(ReviewNote(by: moderator, at: now, text: text))
    }

    /// The decision that was made under the claim that the order shows, if it was: the order is told a second time.
    package func decisionMade(for order: ReviewOrder) -> ReviewDecision? {
        desk.decisions.last { $0.claim != nil && $0.claim == order.claim && $0.by == order.moderator }
    }

    /// - Throws: ``ReviewRefusal`` unless the moderator may decide now.
    package func checkMayDecide(_ order: ReviewOrder, at now: Timestamp) throws(ReviewRefusal) {
        guard record.isOpen else {
            let last = desk.decisions.last
            guard order.action == .restore, last?.action != .restore else { throw .decided(last) }
            return
        }
        let held = desk.claim.flatMap { $0.holds(at: now) ? $0 : nil }
        if let held, held.by != order.moderator { throw .claimed(by: held.by, until: held.until) }
        guard let token = order.claim else { return }
        guard let claim = desk.claim, claim.token == token, claim.by == order.moderator else { throw .claimUnknown }
        guard claim.holds(at: now) else { throw .claimEnded(until: claim.until) }
    }
}

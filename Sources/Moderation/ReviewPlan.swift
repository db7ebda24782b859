package import Chat
package import History
import JSON
package import Limits
package import Provider
import Rules

/// What follows from a moderator's order: the decision, what is to be done at the provider, and what becomes of the flag.
///
/// Pure.
package struct ReviewPlan: Sendable {
    package private(set) var decision: ReviewDecision
    /// In the order in which they are to be done.
    package private(set) var calls: [ProviderCall] = []
    /// Keys of effects that are undone: those that have not gone out are not to.
    package private(set) var undone: [String] = []
    /// Whether the message is flagged from now on.
    package var isFlagged: Bool { decision.action.isAgainst }

    /// - Parameters:
    ///   - message: as the history knows it.
    ///   - openItems: those of the provider's review queue about the same that nobody has reviewed there.
    package init(
        _ order: ReviewOrder,
        on review: StoredReview,
        message: MessageState?,
        openItems: [String] = [],
        limits: Limits.Review,
        at now: Timestamp
    ) throws(ReviewRefusal) {
        decision = ReviewDecision(
            number: review.desk.nextDecision,
            action: order.action,
            by: order.moderator,
            keyID: order.keyID,
            at: now,
            reason: order.reason
        )
        decision.claim = order.claim
        let subject = ReviewTarget(review.record, message)
        if subject.isMessage { decision.isSpam = order.isSpam ?? order.action.usuallyMeansSpam }
        switch order.action {
        case .approve, .dismiss: break
        case .delete: try remove(order.removal ?? .soft, subject)
        case .mask: try mask(order.mask, subject)
        case .mute: try ban(order, for: order.minutes ?? limits.muteMinutes, isOfChannel: true, subject)
        case .ban: try ban(order, for: order.minutes, isOfChannel: false, subject)
        case .restore: try restore(review.desk, subject)
        }
        for item in openItems {
            calls.append(.markReviewed(.init(item: item, by: order.moderator, cid: subject.cid, user: subject.user)))
        }
    }

    // MARK: Against

    private mutating func remove(_ removal: ReviewDecision.Removal, _ target: ReviewTarget) throws(ReviewRefusal) {
        let place = try target.place(for: .delete)
        // What was only hidden can still be removed for good.
        guard !target.isGone || removal == .hard && !target.isErased else {
            decision.wasGone = true
            return
        }
        decision.removal = removal
        calls.append(.deleteMessage(.init(cid: place.cid, id: place.id, isHard: removal == .hard, by: decision.by)))
    }

    private mutating func mask(_ what: Set<Masked>, _ target: ReviewTarget) throws(ReviewRefusal) {
        let place = try target.place(for: .mask)
        guard !target.isGone else {
            decision.wasGone = true
            return
        }
        let text = target.text
        let masked = what.isEmpty ? Self.hidden(text) : TextMasking.masked(text, what, matches: [], with: Self.mark)
        guard masked != text else { throw .nothingToMask }
        let fields = JSONObjectText { $0.field("text", masked) }
        calls.append(
            .updateMessagePartially(MessageChange(cid: place.cid, id: place.id, set: fields, by: decision.by))
        )
    }

    private static let mark = "•"

    /// Every character but spaces.
    private static func hidden(_ text: String) -> String {
        String(text.map { $0.isWhitespace ? $0 : Character(mark) })
    }

    private mutating func ban(
        _ order: ReviewOrder,
        for minutes: Int?,
        isOfChannel: Bool,
        _ target: ReviewTarget
    ) throws(ReviewRefusal) {
        let author = try target.author()
        let until = minutes.map { Timestamp(nanoseconds: decision.at.nanoseconds + Int64($0) * 60_000_000_000) }
        // A user's item is about no channel, so it is everywhere then.
        let cid = order.isOfChannel ?? isOfChannel ? target.cid : nil
        if order.isOfChannel == true, cid == nil { throw .messageNotKnown }
        if let removal = order.removal { try remove(removal, target) }
        decision.ban = ReviewDecision.Ban(cid: cid, isShadow: order.isShadow, until: until)
        calls.append(
            .ban(
                UserBan(
                    target: author,
                    by: decision.by,
                    cid: cid,
                    isShadow: order.isShadow,
                    until: until,
                    reason: order.reason
                )
            )
        )
    }

    // MARK: Undoing

    /// Undoes what was decided since the last time: what is removed for good, or masked, stays so.
    private mutating func restore(_ desk: ReviewDesk, _ target: ReviewTarget) throws(ReviewRefusal) {
        let before = desk.decisions
        let undone = before[((before.lastIndex { $0.action == .restore } ?? -1) + 1)...]
        self.undone = undone.flatMap(\.effects)
        let wasHidden = undone.contains { $0.removal == .soft }
        if let place = target.knownPlace, !target.isErased, wasHidden || target.isGoneByOthers {
            calls.append(.undeleteMessage(MessageReference(cid: place.cid, id: place.id, by: decision.by)))
        }
        var lifted: [UserUnban] = []
        for ban in undone.compactMap(\.ban) {
            let unban = UserUnban(target: try target.author(), cid: ban.cid, isShadow: ban.isShadow)
            if !lifted.contains(unban) { lifted.append(unban) }
        }
        calls += lifted.map(ProviderCall.unban)
        guard !calls.isEmpty || undone.contains(where: \.action.isAgainst) else { throw .nothingToRestore }
    }
}

/// What a decision is about, as far as it is known.
private struct ReviewTarget {
    let record: ReviewCaseRecord
    let message: MessageState?

    init(_ record: ReviewCaseRecord, _ message: MessageState?) { (self.record, self.message) = (record, message) }

    /// `nil` once erased.
    var user: String? {
        (message?.record.sender ?? record.author).flatMap { Pseudonym.isPseudonym($0) ? nil : $0 }
    }
    var isMessage: Bool { record.subject.messageID != nil }
    var cid: String? { message?.record.cid ?? record.cid }
    var isGone: Bool { message?.deletedAt != nil }
    var isErased: Bool { message?.record.isErased ?? false }
    var text: String { message?.record.content?.value.text ?? "" }

    /// Deleted, and not by whoever wrote it.
    var isGoneByOthers: Bool {
        guard isGone, let message else { return false }
        return message.record.deletion?.value.by.map { $0 != message.record.sender } ?? true
    }

    var knownPlace: (cid: String, id: String)? {
        guard let id = record.subject.messageID, let cid, message?.record.created != nil else { return nil }
        return (cid, id)
    }

    func place(for action: ReviewDecision.Action) throws(ReviewRefusal) -> (cid: String, id: String) {
        guard isMessage else { throw .notAMessage(action) }
        guard let knownPlace else { throw .messageNotKnown }
        return knownPlace
    }

    func author() throws(ReviewRefusal) -> String {
        guard let author = message?.record.sender ?? record.author, !Pseudonym.isPseudonym(author) else {
            throw .authorNotKnown
        }
        return author
    }
}

extension ReviewDecision.Action {
    /// What it says of a message, unless the moderator says otherwise.
    fileprivate var usuallyMeansSpam: Bool? {
        switch self {
        case .delete, .ban: true
        case .approve, .dismiss, .restore: false
        case .mask, .mute: nil
        }
    }
}

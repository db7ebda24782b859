package import Chat
import Crypto
package import History
package import Limits
package import MongoDB
package import Outbox
package import Provider

/// The review queue in MongoDB, as moderators change it.
///
/// Every call is one transaction, and blocks its thread. Safe to repeat after ``MongoError/asksForRepetition``.
package struct ReviewStore: Sendable {
    private let store: HistoryStore
    private let limits: Limits.Review

    package init(_ store: HistoryStore, limits: Limits.Review) { (self.store, self.limits) = (store, limits) }

    // MARK: At the desk

    package func claim(
        _ subject: ReviewCaseRecord.Subject,
        by moderator: String,
        seconds: Int,
        token: String,
        at now: Timestamp
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try atDesk(subject) { (review) throws(ReviewRefusal) in
            _ = try review.claim(by: moderator, seconds: seconds, token: token, at: now)
        }
    }

    package func release(
        _ subject: ReviewCaseRecord.Subject,
        by moderator: String,
        at now: Timestamp
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try atDesk(subject) { (review) throws(ReviewRefusal) in try review.release(by: moderator, at: now) }
    }

    /// - Parameter assignee: `nil` for nobody.
    package func assign(
        _ subject: ReviewCaseRecord.Subject,
        to assignee: String?
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try atDesk(subject) { (review) throws(ReviewRefusal) in review.desk.assignee = assignee }
    }

    package func note(
        _ text: String,
        on subject: ReviewCaseRecord.Subject,
        by moderator: String,
        at now: Timestamp
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try atDesk(subject) { (review) throws(ReviewRefusal) in try review.note(text, by: moderator, at: now, limits) }
    }

    /// Batches read nothing of it, so none has to look again.
    private func atDesk(
        _ subject: ReviewCaseRecord.Subject,
        _ body: (inout StoredReview) throws(ReviewRefusal) -> Void
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try store.change { (change) throws(MongoError) in
            guard let before = try change.review(subject) else { return .failure(.unknown) }
            var after = before
            do throws(ReviewRefusal) { try body(&after) } catch { return .failure(error) }
            try change.write(.reviewQueue, subject.id, from: before.desk.document, to: after.desk.document)
            return .success(after)
        }
    }

    // MARK: What is said

    /// What came of a report.
    package enum Reported: Sendable, Equatable {
        case noted(StoredReview)
        /// The same user has said so shortly before.
        case repeated(StoredReview)
        /// Nothing is known of the message or the user.
        case unknown
        /// The user has reported too much of late.
        case tooMany(seconds: Int64)
    }

    /// Notes what somebody says of a message or a user, once a day.
    ///
    /// Of whoever reports more than ``Limits/Review/reportsPerReporter`` nothing is noted for a while; what was noted before
    /// is told again all the same.
    package func report(_ report: Report, at now: Timestamp) throws(MongoError) -> Reported {
        try store.change { (change) throws(MongoError) in
            guard var fresh = try change.known(report.subject) else { return .unknown }
            let before = try change.review(report.subject)
            if let before, before.record.holds(report, at: now, limits) { return .repeated(before) }
            let count = try change.count(.report, of: report.reporter)
            let standing = count.standing(at: now)
            guard standing.count < limits.reportsPerReporter else { return .tooMany(seconds: standing.seconds) }
            try change.write(count.raised(at: now, seconds: limits.reportWindowSeconds))
            if let before { fresh = before.record }
            fresh.add(report.source(at: fresh.moment(at: now)))
            try change.write(before?.record, fresh)
            try change.raiseFence()
            return .noted(StoredReview(fresh, before?.desk ?? ReviewDesk()))
        }
    }

    /// Has an item that was decided looked at again.
    package func reopen(
        _ subject: ReviewCaseRecord.Subject,
        by moderator: String,
        reason: String?,
        at now: Timestamp
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        try store.change { (change) throws(MongoError) in
            guard let before = try change.review(subject) else { return .failure(.unknown) }
            guard !before.record.isOpen else { return .success(before) }
            var after = before
            let stamp = Stamp(time: before.record.moment(at: now), tieBreak: .max)
            after.record.add(ReviewSource(.moderator, by: moderator, at: stamp, reason: reason))
            try change.write(before.record, after.record)
            try change.raiseFence()
            return .success(after)
        }
    }

    // MARK: Deciding

    /// How effects of a decision are written.
    package struct Effects: Sendable {
        package var mode: EffectMode
        package var order: WriteOrder
        package var limits: Limits.Outbox
        /// Why the provider would not take a call; `nil` where there is no provider to ask.
        package var refusal: (@Sendable (ProviderCall) -> String?)?

        package init(
            mode: EffectMode,
            order: WriteOrder,
            limits: Limits.Outbox,
            refusal: (@Sendable (ProviderCall) -> String?)?
        ) {
            (self.mode, self.order, self.limits, self.refusal) = (mode, order, limits, refusal)
        }
    }

    /// Decides about an item: once, whoever else tries at the same time; an order told again under the same claim gives the
    /// decision that was made.
    ///
    /// - Parameters:
    ///   - writes: what else belongs into the transaction.
    ///   - entries: what the audit trail is told in it.
    package func decide(
        _ subject: ReviewCaseRecord.Subject,
        _ order: ReviewOrder,
        _ effects: Effects,
        at now: Timestamp,
        writes: ReviewWrites,
        entering entries: (ReviewAct) -> [AuditEntry] = { _ in [] }
    ) throws(MongoError) -> Result<StoredReview, ReviewRefusal> {
        let now = now.roundedDownToMilliseconds  // as precise as it is stored
        return try store.change { (change) throws(MongoError) in
            guard let before = try change.review(subject) else { return .failure(.unknown) }
            if before.decisionMade(for: order) != nil { return .success(before) }
            let message = try subject.messageID.flatMap { id throws(MongoError) in
                try change.load(MessageState.self, id)
            }
            let openItems = try openItems(of: before.record, for: order, effects, change)
            let plan: ReviewPlan
            do throws(ReviewRefusal) {
                try before.checkMayDecide(order, at: now)
                plan = try ReviewPlan(
                    order,
                    on: before,
                    message: message,
                    openItems: openItems,
                    limits: limits,
                    at: now
                )
                try check(plan.calls, effects)
            } catch {
                return .failure(error)
            }
            let act = try carryOut(plan, on: before, message, effects, change)
            for (collection, update) in writes(act) { try change.update([update], in: collection) }
            try change.enter(entries(act))
            return .success(act.review)
        }
    }

    /// Items of the provider's review queue that a decision answers; one that cannot be named there stays as it is.
    private func openItems(
        of review: ReviewCaseRecord,
        for order: ReviewOrder,
        _ effects: Effects,
        _ change: HistoryChange
    ) throws(MongoError) -> [String] {
        guard let refusal = effects.refusal else { return [] }
        var open: [String] = []
        for id in review.providerItems {
            let call = ProviderCall.markReviewed(.init(item: id, by: order.moderator))
            guard refusal(call) == nil else { continue }
            if try change.load(ReviewItemRecord.self, id)?.isReviewed != true { open.append(id) }
        }
        return open
    }

    private func check(_ calls: [ProviderCall], _ effects: Effects) throws(ReviewRefusal) {
        guard let refusal = effects.refusal else {
            guard calls.isEmpty else {
                throw .impossible("there is none; set GETSTREAM_API_KEY and GETSTREAM_API_SECRET")
            }
            return
        }
        for call in calls { if let reason = refusal(call) { throw .impossible(reason) } }
    }

    private func carryOut(
        _ plan: ReviewPlan,
        on before: StoredReview,
        _ message: MessageState?,
        _ effects: Effects,
        _ change: HistoryChange
    ) throws(MongoError) -> ReviewAct {
        var (after, decision) = (before, plan.decision)
        let toDo = plan.effects(on: before.record.subject)
        if effects.mode != .off { decision.effects = toDo.map(\.key.description) }
        after.record.decide(at: decision.at)
        after.desk.claim = nil
        after.desk.decisions = (after.desk.decisions + [decision]).suffix(limits.decisions)
        try change.write(.reviewQueue, after.record.subject.id, from: before.document, to: after.document)
        let id = after.record.subject.messageID
        let flagged = try id.flatMap { id throws(MongoError) in
            let isFlagged = plan.isFlagged
            return try change.flag(
                isFlagged,
                message: id,
                reason: isFlagged ? decision.reason ?? decision.action.rawValue : nil,
                by: decision.by,
                now: decision.at
            )
        }
        if flagged == nil { try change.raiseFence() }
        let rows = toDo.compactMap {
            $0.outboxWrite(effects.mode, order: effects.order.next(at: decision.at), at: decision.at)
        }
        let undone = plan.undone.map { key in
            let key = Effect.EffectKey(stored: key)
            return OutboxStore.cancellation(of: key, by: decision.by, effects.limits, at: decision.at)
        }
        try change.update(undone + rows, in: .outbox)
        return ReviewAct(review: after, decision: decision, message: message)
    }
}

extension HistoryChange {
    fileprivate func review(_ subject: ReviewCaseRecord.Subject) throws(MongoError) -> StoredReview? {
        try document(.reviewQueue, subject.id).flatMap(StoredReview.init)
    }

    /// An item about it without anything said; `nil` where no event has told of it, and once it is erased.
    fileprivate func known(_ subject: ReviewCaseRecord.Subject) throws(MongoError) -> ReviewCaseRecord? {
        switch subject {
        case .message(let id):
            guard let message = try load(MessageState.self, id), message.record.created != nil, !message.record.isErased
            else { return nil }
            return ReviewCaseRecord(of: message)
        case .user(let id):
            guard let user = try load(UserRecord.self, id), !user.isErased else { return nil }
            return ReviewCaseRecord(subject)
        }
    }
}

extension ReviewPlan {
    /// Named by the item and the number of the decision, so that each is there once.
    func effects(on subject: ReviewCaseRecord.Subject) -> [Effect] {
        calls.enumerated().map { index, call in
            Effect(
                key: Effect.EffectKey(
                    entity: subject.entity,
                    version: "decision \(decision.number)",
                    cause: "review",
                    action: "\(call.name) \(index)"
                ),
                destination: .provider,
                lane: call.lane,
                action: call.name,
                payload: call.json,
                cause: Effect.Cause(.call, decision.keyID),
                eventTime: decision.at
            )
        }
    }
}

extension ReviewCaseRecord.Subject {
    /// As effects are named by it: without a user's id, since a name outlives an erasure.
    fileprivate var entity: String {
        switch self {
        case .message(let id): id
        case .user(let id): "user \(Hex.encode(Array(SHA256.digest(Array(id.utf8)).prefix(8))))"
        }
    }
}

import Chat
import Decisions
import History
import JSON
import Limits
import Moderation
import MongoDB
import Outbox

/// What a moderator has to know to decide about an item: the one place where the queue's routes read what people wrote.
struct ReviewContext: Sendable {
    private let review: StoredReview
    /// `nil` for a user, and for a message that no event has told of.
    private let message: MessageDetails?
    private let around: (before: [StoredMessage], after: [StoredMessage])
    private let author: UserDetails?
    /// Other items about the same user, latest first.
    private let earlier: [StoredReview]
    /// What rules decided about it, latest first.
    private let decisions: [DecisionRecord]
    /// What became of what was decided.
    private let effects: [BSONDocument]

    /// `nil` where there is no such item.
    ///
    /// Blocking.
    init?(
        of subject: ReviewCaseRecord.Subject,
        _ queries: HistoryQueries,
        _ outbox: OutboxStore,
        _ limits: Limits.Review,
        at now: Timestamp
    ) throws(MongoError) {
        guard let review = try queries.review(subject) else { return nil }
        self.review = review
        let message = try subject.messageID.flatMap { id throws(MongoError) in try queries.message(id) }
        self.message = message
        around = try Self.around(message, queries, limits) ?? (before: [], after: [])
        let author = review.record.author
        self.author = try author.flatMap { id throws(MongoError) in try queries.user(id, now: now) }
        earlier =
            try author.map { id throws(MongoError) in
                try Self.items(of: id, except: subject, queries, limits, at: now)
            } ?? []
        var filter = DecisionFilter()
        if let id = subject.messageID { filter.message = id } else { filter.user = subject.userID }
        decisions = try queries.decisions(filter, after: nil, limit: limits.contextItems).rows
        var effects: [BSONDocument] = []
        for key in review.desk.decisions.flatMap(\.effects).suffix(limits.contextItems) {
            if let effect = try outbox.effect(Effect.EffectKey(stored: key)) { effects.append(effect) }
        }
        self.effects = effects
    }

    private static func around(
        _ message: MessageDetails?,
        _ queries: HistoryQueries,
        _ limits: Limits.Review
    ) throws(MongoError) -> (before: [StoredMessage], after: [StoredMessage])? {
        guard let document = message?.message.document, let id = document.string("_id"),
            let cid = document.string("cid"), let created = document.time("createdAt")
        else { return nil }
        return try queries.messages(around: id, writtenAt: created, in: cid, limit: limits.contextMessages)
    }

    private static func items(
        of user: String,
        except subject: ReviewCaseRecord.Subject,
        _ queries: HistoryQueries,
        _ limits: Limits.Review,
        at now: Timestamp
    ) throws(MongoError) -> [StoredReview] {
        var query = ReviewQuery()
        (query.status, query.user, query.order) = (.any, user, .newest)
        let found = try queries.reviews(query, limit: limits.contextItems + 1, at: now).reviews
        return Array(found.filter { $0.record.subject != subject }.prefix(limits.contextItems))
    }

    func write(at now: Timestamp, to writer: inout JSONWriter) {
        let documents = DocumentJSON()
        ReviewJSON.write(review, at: now, to: &writer)
        writer.field("message") { writer in
            guard let message else { return writer.null() }
            writer.object { MessageJSON.write(message, to: &$0) }
        }
        for (name, messages) in [("before", around.before), ("after", around.after)] {
            writer.field(name) {
                $0.array { for message in messages { $0.object { MessageJSON.write(message, to: &$0) } } }
            }
        }
        writer.field("user") { writer in
            guard let author else { return writer.null() }
            writer.object { EntityJSON.write(author, now: now, to: &$0) }
        }
        writer.field("other_items") {
            $0.array { for other in earlier { $0.object { ReviewJSON.writeSummary(other, at: now, to: &$0) } } }
        }
        writer.field("rule_decisions") {
            $0.array { for record in decisions { $0.object { record.writeFields(to: &$0) } } }
        }
        writer.field("effects") {
            $0.array {
                for effect in effects {
                    $0.object {
                        documents.writeFields(of: effect, except: Self.hiddenOfEffects, to: &$0)
                    }
                }
            }
        }
    }

    private static let hiddenOfEffects: Set = [
        "open", "shard", "order", "token", "next", "payload", "timeline", "node",
    ]
}

import Chat
import History
import JSON
import Moderation

/// Items of the review queue as answers give them; a claim's token only to whoever claims.
enum ReviewJSON {
    /// As lists give it: with the last decision alone.
    static func writeSummary(_ review: StoredReview, at now: Timestamp, to writer: inout JSONWriter) {
        write(review.record, status(of: review, at: now), to: &writer)
        writer.field("assignee", review.desk.assignee)
        write(review.desk.claim.flatMap { $0.holds(at: now) ? $0 : nil }, to: &writer)
        writer.field("note_count", review.desk.notes.count)
        writer.field("decision") { writer in
            guard let last = review.desk.decisions.last else { return writer.null() }
            writer.object { write(last, to: &$0) }
        }
    }

    static func write(_ review: StoredReview, at now: Timestamp, to writer: inout JSONWriter) {
        writeSummary(review, at: now, to: &writer)
        writer.field("notes") {
            $0.array {
                for note in review.desk.notes {
                    $0.object {
                        $0.field("by", note.by)
                        $0.field("at", note.at.roundedDownToMilliseconds)
                        $0.field("text", note.text)
                    }
                }
            }
        }
        writer.field("decisions") {
            $0.array { for decision in review.desk.decisions { $0.object { write(decision, to: &$0) } } }
        }
    }

    static func status(of review: StoredReview, at now: Timestamp) -> ReviewQuery.Status {
        guard review.record.isOpen else { return .decided }
        return review.desk.claim?.holds(at: now) ?? false ? .claimed : .open
    }

    private static func write(
        _ record: ReviewCaseRecord,
        _ status: ReviewQuery.Status,
        to writer: inout JSONWriter
    ) {
        writer.field("_id", record.subject.id)
        writer.field("message_id", record.subject.messageID)
        writer.field("user_id", record.author)
        writer.field("cid", record.cid)
        writer.field("place", record.place)
        writer.field("status", status.rawValue)
        writer.field("severity", record.severity.rawValue)
        writer.field("labels", record.labels)
        writer.field("complaints", record.complaints)
        writer.field("since", record.since?.roundedDownToMilliseconds)
        writer.field("first_at", record.firstAt?.roundedDownToMilliseconds)
        writer.field("last_at", record.lastAt?.roundedDownToMilliseconds)
        writer.field("sources") {
            $0.array { for source in record.sources { $0.object { write(source, of: record, to: &$0) } } }
        }
    }

    private static func write(_ source: ReviewSource, of record: ReviewCaseRecord, to writer: inout JSONWriter) {
        writer.field("kind", source.kind.rawValue)
        writer.field("by", source.by)
        writer.field("at", source.time.roundedDownToMilliseconds)
        writer.field("severity", source.severity.rawValue)
        writer.field("reason", source.reason)
        writer.field("labels", source.labels)
        // Said before the last decision, which it was decided by.
        writer.field("decided", record.resolvedThrough.map { source.time <= $0 } ?? false)
    }

    private static func write(_ claim: ReviewClaim?, to writer: inout JSONWriter) {
        writer.field("claim") { writer in
            guard let claim else { return writer.null() }
            writer.object {
                $0.field("by", claim.by)
                $0.field("until", claim.until)
            }
        }
    }

    static func write(_ decision: ReviewDecision, to writer: inout JSONWriter) {
        writer.field("number", decision.number)
        writer.field("action", decision.action.rawValue)
        writer.field("by", decision.by)
        writer.field("at", decision.at)
        writer.field("reason", decision.reason)
        writer.field("spam", decision.isSpam)
        writer.field("already_gone", decision.wasGone)
        writer.field("deleted", decision.removal?.rawValue)
        writer.field("ban") { writer in
            guard let ban = decision.ban else { return writer.null() }
            writer.object {
                $0.field("cid", ban.cid)
                $0.field("shadow", ban.isShadow)
                $0.field("until", ban.until)
            }
        }
        writer.field("effects", decision.effects)
    }
}

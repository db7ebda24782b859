import Chat
import Limits
import Spelling
import YAML

extension RuleEvent {
    /// What the provider's hooks send, and the service's own.
    ///
    /// Source: GetStream/protocol `openapi/v2/serverside-api.json`, the schemas of webhook events, and the provider's
    /// documentation "Webhook events".
    static let known = [
        "message.new", "message.updated", "message.deleted", "message.undeleted", "message.flagged",
        "message.unblocked",
        "message.read", "message.pending", "reaction.new", "reaction.updated", "reaction.deleted", "member.added",
        "member.updated", "member.removed", "channel.created", "channel.updated", "channel.deleted",
        "channel.truncated", "channel.frozen", "channel.unfrozen", "channel.hidden", "channel.visible",
        "channel.muted", "channel.unmuted", "channel.max_streak_changed", "channel.silent", "command.received",
        "channel_batch_update.completed", "channel_batch_update.started", "user.updated", "user.deleted",
        "user.banned", "user.unbanned", "user.muted", "user.unmuted", "user.flagged", "user.deactivated",
        "user.reactivated", "user.messages.deleted", "user.unread_message_reminder", "user_group.created",
        "user_group.updated", "user_group.deleted", "user_group.member_added", "user_group.member_removed",
        "thread.updated", "flag.updated", "review_queue_item.new", "review_queue_item.updated",
        "moderation.mark_reviewed", "moderation.flagged", "moderation.custom_action",
        "moderation.analysis.failed", "moderation.text_analysis.complete", "moderation.image_analysis.complete",
        "moderation_check.completed", "moderation_rule.triggered", "notification.mark_unread",
        "notification.reminder_due", "notification.thread_message_new", "reminder.created", "reminder.updated",
        "reminder.deleted", "campaign.started", "campaign.completed", "appeal.created", "appeal.accepted",
        "appeal.rejected",
    ]

    /// Names that are easily believed to exist, and do not.
    static let confused = [
        "message.created": "message.new", "message.sent": "message.new", "message.edited": "message.updated",
        "message.changed": "message.updated", "message.removed": "message.deleted", "user.created": "user.updated",
        "user.new": "user.updated", "member.joined": "member.added", "member.left": "member.removed",
        "channel.new": "channel.created", "channel.member_added": "member.added", "channel.silence": "channel.silent",
        "channel.inactive": "channel.silent", "reaction.created": "reaction.new", "reaction.added": "reaction.new",
        "message.unflagged": "message.unblocked", "member.kicked": "member.removed",
    ]
}

extension Form where Value == EventType {
    /// An event's type: one that is known, or looks like one; the provider adds new ones.
    static var event: Form {
        let allowed = "an event type such as message.new"
        let schema = Schema.either([.choice(RuleEvent.known), .text(pattern: "^[a-z_]+(\\.[a-z_]+)+$")])
        return Form(allowed: allowed, schema: schema) { node, reading in
            guard let name = node.written else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            if RuleEvent.known.contains(name) { return EventType(rawValue: name) }
            let nearest = Suggestion.nearest(to: name, among: RuleEvent.known)
            let meant = RuleEvent.confused[name.lowercased()] ?? nearest
            let advice = meant.map { "; did you mean \"\($0)\"?" } ?? ""
            // One letter away is a slip; further away it may be news.
            let isSlip = nearest.map { Suggestion.edits(name, $0) <= 1 } ?? false
            if RuleEvent.confused[name.lowercased()] != nil || isSlip || !looksRight(name, reading) {
                let common =
                    "message.new, message.updated, message.deleted, reaction.new, member.added, channel.created, user.updated, channel.silent and others of the provider's"
                reading.refuse(
                    node.position,
                    "\(reading.key): unknown event type \(Wording.quoted(name))\(advice)\(advice.isEmpty ? ";" : "") allowed: \(common)"
                )
                return nil
            }
            reading.warn(
                node.position,
                "\(reading.key): the event type \(Wording.quoted(name)) is not known here\(advice)"
            )
            return EventType(rawValue: name)
        }
    }

    private static func looksRight(_ name: String, _ reading: Reading) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 && name.utf8.count <= reading.limits.nameBytes
            && parts.allSatisfy { RuleName.isName(String($0), with: "_") }
    }
}

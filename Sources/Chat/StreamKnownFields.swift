/// The fields that the provider itself defines, by object: every other one is the team's own.
///
/// Source: GetStream/protocol `openapi/chat-openapi.json` and `openapi/v2/serverside-api.json`, 236.0.4, and the
/// samples in the provider's webhook documentation.
enum StreamKnownFields {
    static let message = FieldNames(
        """
        args attachments before_message_send_failed channel cid command created_at Custom custom deleted_at
        deleted_by deleted_for_me deleted_reply_count draft html i18n id image_labels latest_reactions member
        mentioned_channel mentioned_group_ids mentioned_groups mentioned_here mentioned_roles mentioned_user_ids
        mentioned_users message_text_updated_at mml moderation moderation_details own_reactions parent_id pending
        pin_expires pinned pinned_at pinned_by poll poll_id quoted_message quoted_message_id reaction_counts
        reaction_groups reaction_scores reminder reply_count restricted_visibility shadowed shared_location
        show_in_channel silent text thread_participants type updated_at user user_id
        """
    )

    static let user = FieldNames(
        """
        avg_response_time ban_expires banned blocked_user_ids bypass_moderation channel_last_read_at channel_mutes
        channel_unread_count created_at Custom custom deactivated_at deleted_at devices id invisible language
        last_active last_engaged_at mutes notifications_muted online privacy_settings push_notifications
        revoke_tokens_issued_before role shadow_banned teams teams_role total_unread_count unread_channels
        unread_count unread_threads updated_at
        """
    )

    static let channel = FieldNames(
        """
        active_live_locations auto_translation_enabled auto_translation_language blocked cid config config_overrides
        cooldown created_at created_by created_by_id Custom custom deleted_at disabled draft filter_tags frozen
        grants hidden hide_messages_before id invites last_message_at member_count members membership
        message_count messages mute_expires_at muted own_capabilities pending_messages pinned_messages
        push_level read team threads truncated_at truncated_by truncated_by_id type updated_at watcher_count
        watchers
        """
    )

    static let thread = FieldNames(
        """
        active_participant_count channel channel_cid created_at created_by created_by_user_id Custom custom
        deleted_at draft last_message_at latest_replies parent_message parent_message_id participant_count read
        reply_count thread_participants title updated_at
        """
    )

    /// Not known, so that they are found wherever they are sent: ``User`` and ``Channel`` have a place for them.
    static let lifted = ["image", "name"]
}

/// A set of names that is asked with bytes, without making a `String` of them.
struct FieldNames: Sendable {
    /// The names of each length, one after the other.
    private let bytes: [UInt8]
    /// Where in `bytes` the names of a length begin; one more at the end.
    private let starts: [Int]

    /// - Parameter list: the names with white space between them.
    init(_ list: String) {
        let names = list.split(whereSeparator: \.isWhitespace)
        var (bytes, starts): ([UInt8], [Int]) = ([], [0])
        for length in 0...(names.map(\.utf8.count).max() ?? 0) {
            for name in names where name.utf8.count == length { bytes.append(contentsOf: name.utf8) }
            starts.append(bytes.count)
        }
        (self.bytes, self.starts) = (bytes, starts)
    }

    func contains(_ name: Span<UInt8>) -> Bool {
        let length = name.count
        guard length > 0, length + 1 < starts.count else { return false }
        var start = starts[length]
        while start < starts[length + 1] {
            var matched = 0
            while matched < length, bytes[start + matched] == name[matched] { matched += 1 }
            if matched == length { return true }
            start += length
        }
        return false
    }
}

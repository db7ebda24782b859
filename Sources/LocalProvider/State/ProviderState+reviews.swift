import Chat
import Limits

/// The moderators' review queue, which the provider has in its newer API alone.
///
/// What users flag is one item a message or user; of automatic moderation nothing is played.
///
/// Source: contract, "Endpoints" and the samples of `review_queue_item.new` and `.updated`.
extension ProviderState {
    /// Puts what a user has flagged on the queue; what was reviewed before waits again.
    mutating func queue(_ subject: StoredReviewItem.Subject, by user: String, reason: String) -> String {
        let known = reviewItemIDs[subject].flatMap { reviewItems[$0] }
        var item =
            known
            ?? StoredReviewItem(
                id: makeIdentifier(),
                subject: subject,
                creatorID: creator(of: subject),
                createdAt: now,
                updatedAt: now
            )
        item.flags.append(.init(by: user, reason: reason, at: now))
        item.updatedAt = now
        item.review = nil
        reviewItems[item.id] = item
        reviewItemIDs[subject] = item.id
        emit(known == nil ? "review_queue_item.new" : "review_queue_item.updated", item.id) { [item] state, body in
            body.append("review_queue_item", .object(state.itemFields(item)))
            body.append("flags", .array(item.flags.map { .object(state.flagFields($0, of: item)) }))
        }
        return item.id
    }

    private func creator(of subject: StoredReviewItem.Subject) -> String {
        switch subject {
        case .message(let id): messages[id]?.userID ?? ""
        case .user(let id): id
        }
    }

    /// Of the actions only that which takes an item off the queue is played.
    mutating func submitAction(_ call: APICall) throws(Refusal) -> Answer {
        guard let id = call.body["item_id"]?.string else { throw .input("item_id is required") }
        guard call.body["action_type"]?.string == "mark_reviewed" else {
            throw .input("action_type must be mark_reviewed: the local provider plays no other")
        }
        let by = try requireActingUser(in: call.body, "user")
        guard var item = reviewItems[id] else { throw .notFound("review queue item \"\(id)\" not found") }
        note("review_item:\(id)", "mark_reviewed", isChange: item.review == nil)
        guard item.review == nil else { return .created(["item": .object(itemFields(item, isVersion2: true))]) }
        item.review = .init(by: by, at: now, action: "mark_reviewed")
        item.updatedAt = now
        reviewItems[id] = item
        let action: Fields = [
            "id": .string(makeIdentifier()), "created_at": .string(now.rfc3339), "type": "mark_reviewed", "reason": "",
            "reporter_type": "moderator", "user_id": .string(by), "target_user_id": .string(item.creatorID),
            "custom": .object([:]), "ai_providers": [],
        ]
        emit("review_queue_item.updated", id) { [item] state, body in
            body.append("review_queue_item", .object(state.itemFields(item)))
            body.append("action", .object(action))
        }
        emit("moderation.mark_reviewed", id) { [item] state, body in
            body.append("item", .object(state.itemFields(item)))
            if case .message(let message) = item.subject, let message = state.messages[message] {
                body.append("message", .object(state.messageFields(message)))
            }
        }
        return .created(["item": .object(itemFields(item, isVersion2: true))])
    }

    mutating func queryReviewQueue(_ call: APICall) throws(Refusal) -> Answer {
        let conditions = call.body["filter"]?.object ?? [:]
        var found: [Fields] = []
        for item in reviewItems.values.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
            let fields = itemFields(item, isVersion2: true)
            if try Filter.matches(fields, conditions) { found.append(fields) }
        }
        let sorted = found.sorted(by: call.body["sort"]?.array ?? [])
        let page = try page(sorted, call.body, standard: 25, most: limits.reviewPage)
        return .created(["items": .array(page.map(Value.object))])
    }

    /// - Parameter isVersion2: times are whole nanoseconds there.
    private func itemFields(_ item: StoredReviewItem, isVersion2: Bool = false) -> Fields {
        func time(_ time: Timestamp) -> Value { isVersion2 ? .int(time.nanoseconds) : .string(time.rfc3339) }
        var (type, id, text) = ("stream:user", "", "")
        switch item.subject {
        case .message(let message):
            (type, id, text) = ("stream:chat:v1:message", message, messages[message]?.content.text ?? "")
        case .user(let user): id = user
        }
        var fields: Fields = [
            "id": .string(item.id), "created_at": time(item.createdAt), "updated_at": time(item.updatedAt),
            "entity_type": .string(type), "entity_id": .string(id), "entity_creator_id": .string(item.creatorID),
            "moderation_payload": ["texts": .strings(text.isEmpty ? [] : [text]), "images": []],
            "status": .string(item.review == nil ? "pending" : "reviewed"), "recommended_action": "flag",
            "severity": 0, "flags_count": .int(Int64(item.flags.count)), "languages": [], "ai_text_severity": "",
            "latest_moderator_action": .string(item.review?.action ?? ""),
            "reviewed_by": .string(item.review?.by ?? ""), "escalated": false, "config_key": "", "teams": [],
            "actions": [], "bans": [], "flags": [],
        ]
        if let review = item.review { fields.append("reviewed_at", time(review.at)) }
        return fields
    }

    private func flagFields(_ flag: StoredReviewItem.Flag, of item: StoredReviewItem) -> Fields {
        let fields = itemFields(item)
        return [
            "type": "user", "entity_type": fields["entity_type"] ?? "", "entity_id": fields["entity_id"] ?? "",
            "entity_creator_id": .string(item.creatorID), "user_id": .string(flag.by), "labels": [], "result": [],
            "reason": .string(flag.reason), "review_queue_item_id": .string(item.id),
            "created_at": .string(flag.at.rfc3339), "updated_at": .string(flag.at.rfc3339),
        ]
    }
}

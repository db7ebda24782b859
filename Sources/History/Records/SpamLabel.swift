package import Chat
package import MongoDB

/// Somebody's verdict on a message, spam or not, which the spam model learns from.
///
/// Holds ids alone: the text is read from the history, so that an erasure takes it along. The last verdict on a message counts.
package struct SpamLabel: Sendable, Equatable {
    /// Why somebody looked.
    package enum Origin: String, Sendable {
        /// It was flagged, held or reported.
        case moderator
        /// It was one of a small sample of what nothing was wrong with: see `SpamAudit`.
        case audit
    }

    package var messageID: String
    package var isSpam: Bool
    /// Who decided, as a user or key is named elsewhere.
    package var by: String
    package var at: Timestamp
    /// Of the text that was looked at: ``Decision/Subject/version``.
    package var version: Int64
    package var origin: Origin
    /// The channel's type: thresholds are learned for each.
    package var place: String?
    /// What the model in force made of the text before it learned the verdict, 0 to 1, and which model that was; written when
    /// the verdict is learned.
    package internal(set) var score: Double?
    package internal(set) var model: String?

    package init(
        messageID: String,
        isSpam: Bool,
        by: String,
        at: Timestamp,
        version: Int64 = 0,
        origin: Origin = .moderator,
        place: String? = nil
    ) {
        (self.messageID, self.isSpam, self.by, self.at) = (messageID, isSpam, by, at)
        (self.version, self.origin, self.place) = (version, origin, place)
    }

    package init?(_ document: BSONDocument) {
        guard let id = document.string("_id"), let isSpam = document.bool("spam"), let at = document.time("at"),
            let origin = document.string("origin").flatMap(Origin.init)
        else { return nil }
        self.init(
            messageID: id,
            isSpam: isSpam,
            by: document.string("by") ?? "",
            at: at,
            version: document.int64("version") ?? 0,
            origin: origin,
            place: document.string("place")
        )
        (score, model) = (document.double("score"), document.string("model"))
    }

    /// Writes the verdict in place of an earlier one; safe to repeat, also within a transaction with what it decides.
    package var update: MongoUpdate {
        var fields = BSONDocument()
        fields.append("spam", isSpam)
        fields.append("by", by)
        fields.append("at", date: at.milliseconds)
        fields.append("version", version)
        fields.append("origin", origin.rawValue)
        fields.append("place", ifPresent: place)
        var change = BSONDocument()
        change.append("$set", fields)
        // What was made of it belongs to the verdict before.
        change.append("$unset") {
            $0.append("score", "")
            $0.append("model", "")
        }
        return MongoUpdate(filter: .id(messageID), update: change, upsert: true)
    }

    /// Writes down what a model made of the text before it learned this verdict; changes nothing where that is known, or the
    /// verdict is another by now.
    package func update(score: Double, model: String) -> MongoUpdate {
        var filter = BSONDocument.id(messageID)
        filter.append("at", date: at.milliseconds)
        filter.append("score") { $0.append("$exists", false) }
        var change = BSONDocument()
        change.append("$set") {
            $0.append("score", score)
            $0.append("model", model)
        }
        return MongoUpdate(filter: filter, update: change)
    }
}

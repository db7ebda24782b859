package import Chat

/// A user kept from writing, in one channel or everywhere.
package struct UserBan: Sendable, Equatable {
    package var target: String
    package var by: String
    /// `nil` is everywhere.
    package var cid: String?
    /// The user goes on writing and nobody else sees it.
    package var isShadow: Bool
    /// `nil` is for good.
    ///
    /// The provider counts whole minutes from when it is told, so the rest is computed then.
    package var until: Timestamp?
    package var reason: String?

    package init(
        target: String,
        by: String,
        cid: String? = nil,
        isShadow: Bool = false,
        until: Timestamp? = nil,
        reason: String? = nil
    ) {
        (self.target, self.by, self.cid, self.isShadow) = (target, by, cid, isShadow)
        (self.until, self.reason) = (until, reason)
    }
}

/// The end of a ban, in one channel or everywhere.
package struct UserUnban: Sendable, Equatable {
    package var target: String
    /// `nil` is everywhere.
    package var cid: String?
    /// Ends a shadow ban, not an open one.
    package var isShadow: Bool

    package init(target: String, cid: String? = nil, isShadow: Bool = false) {
        (self.target, self.cid, self.isShadow) = (target, cid, isShadow)
    }
}

/// One user who no longer sees another's messages.
package struct UserMute: Sendable, Equatable {
    package var target: String
    /// Who no longer sees them.
    package var by: String
    /// `nil` is for good; whole minutes as with ``UserBan/until``.
    package var until: Timestamp?

    package init(target: String, by: String, until: Timestamp? = nil) {
        (self.target, self.by, self.until) = (target, by, until)
    }
}

/// The end of a mute.
package struct UserUnmute: Sendable, Equatable {
    package var target: String
    package var by: String

    package init(target: String, by: String) { (self.target, self.by) = (target, by) }
}

/// An item of the provider's review queue that has been decided about elsewhere.
package struct ReviewedItem: Sendable, Equatable {
    /// The provider's id of it.
    package var item: String
    package var by: String
    /// Of the message that it is about; `nil` where it is about a user, or not known.
    package var cid: String?
    /// Who it is about.
    package var user: String?

    package init(item: String, by: String, cid: String? = nil, user: String? = nil) {
        (self.item, self.by, self.cid, self.user) = (item, by, cid, user)
    }
}

/// A report of a message, which opens a case in the provider's review queue.
package struct MessageFlag: Sendable, Equatable {
    package var cid: String
    package var id: String
    package var by: String
    package var reason: String?
    package var custom: JSONObjectText

    package init(cid: String, id: String, by: String, reason: String? = nil, custom: JSONObjectText = .empty) {
        (self.cid, self.id, self.by, self.reason, self.custom) = (cid, id, by, reason, custom)
    }
}

/// All that events have said about one user in one channel.
package struct MemberRecord: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        package var cid: String
        package var userID: String
        package init(cid: String, userID: String) { (self.cid, self.userID) = (cid, userID) }
    }

    package let key: Key
    package var membership: Register<Membership>?
    package var ban: Register<BanState>?
    package var hidden: Register<Hidden>?

    package init(key: Key) { self.key = key }

    package var isMember: Bool { membership?.value.isMember == true }

    package mutating func merge(_ other: MemberRecord) {
        membership.merge(other.membership)
        ban.merge(other.ban)
        hidden.merge(other.hidden)
    }

    package struct Membership: Sendable, Equatable {
        /// `false` after `member.removed`.
        package var isMember: Bool
        package var role: String?
        package var channelRole: String?
        package var status: String?
        package var joinedAt: Timestamp?
        package init(isMember: Bool) { self.isMember = isMember }
    }

    package struct Hidden: Sendable, Equatable {
        package var isHidden: Bool
        /// The user's view of the history begins after this instant.
        package var clearedAt: Timestamp?
        package init(isHidden: Bool, clearedAt: Timestamp? = nil) {
            (self.isHidden, self.clearedAt) = (isHidden, clearedAt)
        }
    }
}

/// All that events have said about one user.
package struct UserRecord: Sendable, Equatable {
    package let id: String
    package var profile: Register<UserProfile>?
    package var deactivation: Register<Bool>?
    package var deletion: Register<Bool>?
    /// The ban that holds everywhere; those of one channel are in ``MemberRecord``.
    package var ban: Register<BanState>?
    package var flag: Register<UserFlag>?
    /// Messages made up to these instants are deleted, or erased, wherever they are.
    package var removal = Watermark()
    /// Hard deletion or erasure: profile, ban and flag never come back, and a pseudonym stands for the id.
    package var isErased = false

    package init(id: String) { self.id = id }

    package mutating func merge(_ other: UserRecord) {
        deactivation.merge(other.deactivation)
        deletion.merge(other.deletion)
        ban.merge(other.ban)
        flag.merge(other.flag)
        removal.merge(other.removal)
        isErased = isErased || other.isErased
        profile.merge(other.profile)
        if isErased { (profile, ban, flag) = (nil, nil, nil) }
    }
}

package struct UserProfile: Sendable, Equatable {
    package var name: String?
    package var image: String?
    package var role: String?
    package var language: String?
    package var teams: [String] = []
    package var createdAt: Timestamp?
    package var custom: String?

    package init() {}

    package init(_ user: User) {
        (name, image, role, language, teams) = (user.name, user.image, user.role, user.language, user.teams)
        (createdAt, custom) = (user.createdAt, user.custom)
    }
}

package struct BanState: Sendable, Equatable {
    package var isBanned: Bool
    package var isShadow = false
    package var reason: String?
    package var expires: Timestamp?
    package var by: String?
    package init(isBanned: Bool) { self.isBanned = isBanned }
}

package struct UserFlag: Sendable, Equatable {
    package var reason: String?
    package var by: String?
    package var total: Int64?
    package init() {}
}

/// Instants up to which messages are deleted or erased, also those that arrive later.
package struct Watermark: Sendable, Equatable {
    package var deletedThrough: Timestamp?
    package var erasedThrough: Timestamp?

    package init(deletedThrough: Timestamp? = nil, erasedThrough: Timestamp? = nil) {
        (self.deletedThrough, self.erasedThrough) = (deletedThrough, erasedThrough)
    }

    package mutating func merge(_ other: Watermark) {
        deletedThrough.raise(to: other.deletedThrough)
        erasedThrough.raise(to: other.erasedThrough)
    }

    package var isEmpty: Bool { deletedThrough == nil && erasedThrough == nil }
}

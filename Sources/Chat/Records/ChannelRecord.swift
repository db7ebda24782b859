/// All that events have said about one channel.
package struct ChannelRecord: Sendable, Equatable {
    package let cid: String
    package var profile: Register<ChannelProfile>?
    /// From custom data; ``effectiveContext`` adds what the channel's id says.
    package var context: Register<BusinessContext>?
    /// The least of the teams that events named which did not bring the whole channel.
    package var namedTeam: String?
    package var frozen: Register<Bool>?
    package var deletion: Register<Bool>?
    /// Truncation and deletion of the channel: messages made up to then are deleted.
    package var removal = Watermark()
    /// `user.messages.deleted` for this channel alone, by user.
    package var senderRemovals: [String: Watermark] = [:]

    package init(cid: String) { self.cid = cid }

    package mutating func merge(_ other: ChannelRecord) {
        profile.merge(other.profile)
        context.merge(other.context)
        if let team = other.namedTeam { namedTeam = min(namedTeam ?? team, team) }
        frozen.merge(other.frozen)
        deletion.merge(other.deletion)
        removal.merge(other.removal)
        for (user, removal) in other.senderRemovals { senderRemovals[user, default: Watermark()].merge(removal) }
    }

    /// The provider's, to which the channel belongs (multi-tenancy); the whole channel knows best.
    package var team: String? {
        [profile?.value.team, namedTeam].compactMap(\.self).first { !$0.isEmpty && $0.utf8.count <= Self.teamBytes }
    }

    /// A longer one is none: it becomes part of a document's id.
    package static let teamBytes = 256

    /// What the custom data says, completed by what the configured patterns read in the channel's id, with the
    /// pseudonyms of erased sellers and buyers.
    package func effectiveContext(_ patterns: ContextPatterns, _ pseudonyms: Pseudonyms) -> BusinessContext {
        var context = effectiveContext(patterns)
        context.replaceUsers(pseudonyms.name)
        return context
    }

    /// The same with the ids that the channel's own id holds.
    package func effectiveContext(_ patterns: ContextPatterns) -> BusinessContext {
        let fromID = patterns.context(ofChannelID: Channel.parts(ofCID: cid).id)
        return context?.value.completed(by: fromID) ?? fromID
    }
}

package struct ChannelProfile: Sendable, Equatable {
    package var name: String?
    package var image: String?
    package var team: String?
    package var createdBy: String?
    package var createdAt: Timestamp?
    package var memberCount: Int64?
    package var isDisabled = false
    package var custom: String?

    package init() {}

    package init(_ channel: Channel) {
        (name, image, team, createdBy) = (channel.name, channel.image, channel.team, channel.createdBy)
        (createdAt, memberCount, custom) = (channel.createdAt, channel.memberCount, channel.custom)
        isDisabled = channel.disabled ?? false
    }
}

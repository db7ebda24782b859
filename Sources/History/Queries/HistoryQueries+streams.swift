import Chat
package import MongoDB

/// A live stream's channel, and who has a say in it.
package struct StreamChannel: Sendable, Equatable {
    package let cid: String
    package let creator: String?
}

extension HistoryQueries {
    /// The channels of a stream, by the channel's `cid` or id, or by the event or artist that the channel is about.
    ///
    /// - Parameters:
    ///   - types: of channels that are looked for by their id.
    ///   - limit: how many at most.
    /// - Returns: those whose own id it is, if there are any; of several, those of the type that comes first.
    package func streams(_ id: String, types: [String], limit: Int) throws(MongoError) -> [StreamChannel] {
        if id.contains(":") { return try channels(.id(id), limit) }
        for names in [[id], Self.kinds.flatMap { store.settings.patterns.channelIDs(ofKind: $0, id) }] {
            for type in types {
                var filter = BSONDocument()
                filter.append("_id", in: names.map { "\(type):\($0)" })
                let found = try channels(filter, limit)
                if !found.isEmpty { return found }
            }
        }
        var about = BSONDocument()
        about.append("$or") { (either: inout BSONArray) in
            for kind in Self.kinds { either.append(.equal(kind.field, id)) }
        }
        let found = try channels(about, limit)
        let first = types.first { type in found.contains { $0.cid.hasPrefix(type + ":") } }
        return found.filter { channel in first.map { channel.cid.hasPrefix($0 + ":") } ?? true }
    }

    /// What a stream can be about.
    private static let kinds = [BusinessContext.Kind.event, .artist]

    private func channels(_ filter: BSONDocument, _ limit: Int) throws(MongoError) -> [StreamChannel] {
        var filter = filter
        filter.append("deletedAt") { $0.append("$exists", false) }
        return try documents(.channels, filter, sort: .keys(("_id", 1)), limit: limit).compactMap { document in
            ChannelRecord(document).map { StreamChannel(cid: $0.cid, creator: $0.profile?.value.createdBy) }
        }
    }

    /// Whether a user has one of these roles, everywhere or as a member of the channel.
    package func hasRole(
        _ user: String,
        everywhere: Set<String>,
        in cid: String,
        _ here: Set<String>
    ) throws(MongoError) -> Bool {
        if let role = try record(UserRecord.self, user)?.profile?.value.role, everywhere.contains(role) { return true }
        let member = try record(MemberRecord.self, MemberRecord.Key(cid: cid, userID: user))?.membership?.value
        guard let member, member.isMember else { return false }
        return [member.role, member.channelRole].contains { $0.map(here.contains) ?? false }
    }
}

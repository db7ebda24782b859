import Chat
import JSON
package import Provider

/// The calls that lead from what a channel holds to what it shall hold: nothing else is changed there.
package enum ChannelDifference {
    /// The calls that make the channel.
    ///
    /// It may be there already, made by the app or before we listened, and creating leaves what is there as it is: so data
    /// and members are made good as well. Nobody is removed whom we did not add.
    ///
    /// - Parameter held: what was sent before, which may be there or not.
    package static func creating(
        _ channel: DesiredChannel,
        held: ChannelContent? = nil,
        membersPerCall: Int
    ) -> [ProviderCall] {
        let (cid, content) = (channel.cid, channel.content)
        var new = NewChannel(cid: cid, createdBy: channel.creator)
        new.name = content.text("name")
        new.image = content.text("image")
        new.team = content.text("team")
        new.members = Array(content.members.prefix(membersPerCall))
        new.custom = object(content.fields.filter { !["name", "image", "team"].contains($0.key) })
        let members = Set(content.members)
        let surplus = ChannelContent(
            fields: held?.fields.filter { content.fields[$0.key] == nil } ?? [:],
            members: held?.members.filter { !members.contains($0) } ?? []
        )
        return [.createChannel(new)] + changing(cid, from: surplus, to: content, membersPerCall: membersPerCall)
    }

    /// The calls that change one thing into the other; none if they are the same.
    package static func changing(
        _ cid: String,
        from held: ChannelContent,
        to desired: ChannelContent,
        membersPerCall: Int
    ) -> [ProviderCall] {
        let set = desired.fields.filter { held.fields[$0.key] != $0.value }
        let unset = held.fields.keys.filter { desired.fields[$0] == nil }.sorted()
        var calls: [ProviderCall] = []
        if !set.isEmpty || !unset.isEmpty {
            calls.append(.updateChannelPartially(ChannelChange(cid: cid, set: object(set), unset: unset)))
        }
        let (before, after) = (Set(held.members), Set(desired.members))
        let (gone, new) = (held.members.filter { !after.contains($0) }, desired.members.filter { !before.contains($0) })
        calls += batches(gone[...], membersPerCall) { .removeMembers(MembersChange(cid: cid, userIDs: $0)) }
        return calls + batches(new[...], membersPerCall) { .addMembers(MembersChange(cid: cid, userIDs: $0)) }
    }

    private static func batches(
        _ users: ArraySlice<String>,
        _ size: Int,
        _ call: ([String]) -> ProviderCall
    ) -> [ProviderCall] {
        stride(from: users.startIndex, to: users.endIndex, by: size).map { start in
            call(Array(users[start..<min(start + size, users.endIndex)]))
        }
    }

    private static func object(_ fields: [String: String]) -> JSONObjectText {
        JSONObjectText { writer in
            for (name, json) in fields.sorted(by: { $0.key < $1.key }) { writer.field(name, raw: json) }
        }
    }
}

extension ChannelContent {
    func text(_ field: String) -> String? {
        fields[field].flatMap { try? JSONParser().parse(Array($0.utf8)).string }
    }
}
